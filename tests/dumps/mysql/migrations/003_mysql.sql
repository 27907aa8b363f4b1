CREATE TABLE hidden (id int PRIMARY KEY, v int INVISIBLE, w varchar(20) DEFAULT (uuid()), INDEX fx ((lower(w))), INDEX iv (v) INVISIBLE);
