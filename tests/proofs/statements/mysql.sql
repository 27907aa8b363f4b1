-- What MySQL and MariaDB do, statement by statement. A scene is a schema whose tables are filled;
-- below `-- try` each statement is run on it alone, in the least intrusive way the server accepts,
-- on a database made anew.

-- scene: columns
CREATE TABLE orders (
    id int PRIMARY KEY AUTO_INCREMENT, total int, size int NOT NULL, code varchar(20) NOT NULL, note varchar(100), wide varchar(255),
    small varchar(63), body text, kind enum('a','b') DEFAULT 'a', flags set('x','y'), at datetime, stamp timestamp NULL, day date,
    price decimal(10,2), half float, whole double, yes tinyint(1), doc json, fixed char(10), bin varbinary(20),
    preset int DEFAULT 5, twice int GENERATED ALWAYS AS (total * 2) VIRTUAL, thrice int GENERATED ALWAYS AS (size * 3) STORED,
    KEY orders_total (total), KEY orders_note (note), UNIQUE KEY orders_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- try
ALTER TABLE orders ADD COLUMN extra int;
ALTER TABLE orders ADD COLUMN extra int NOT NULL;
ALTER TABLE orders ADD COLUMN extra int NOT NULL DEFAULT 5;
ALTER TABLE orders ADD COLUMN extra varchar(20) DEFAULT 'x';
ALTER TABLE orders ADD COLUMN extra int AFTER total;
ALTER TABLE orders ADD COLUMN extra int FIRST;
ALTER TABLE orders ADD COLUMN extra datetime DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE orders ADD COLUMN extra datetime DEFAULT (CURRENT_TIMESTAMP);
ALTER TABLE orders ADD COLUMN extra varchar(40) DEFAULT (uuid());
ALTER TABLE orders ADD COLUMN extra int GENERATED ALWAYS AS (size + 1) VIRTUAL;
ALTER TABLE orders ADD COLUMN extra int GENERATED ALWAYS AS (size + 1) STORED;
ALTER TABLE orders ADD COLUMN extra int UNIQUE;
ALTER TABLE orders ADD COLUMN extra int PRIMARY KEY;
ALTER TABLE orders ADD COLUMN extra int AUTO_INCREMENT UNIQUE;
ALTER TABLE orders ADD COLUMN extra text;
ALTER TABLE orders ADD COLUMN extra json;
ALTER TABLE orders ADD COLUMN extra enum('a','b') NOT NULL;
ALTER TABLE orders ADD COLUMN extra int CHECK (extra > 0);
ALTER TABLE orders ADD COLUMN one int, ADD COLUMN two int;
ALTER TABLE orders ADD COLUMN one int, ADD INDEX more (size);
ALTER TABLE orders ADD COLUMN total int;
ALTER TABLE orders ADD COLUMN extra int AFTER nothing;
ALTER TABLE nowhere ADD COLUMN extra int;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders DROP COLUMN body;
ALTER TABLE orders DROP COLUMN total;
ALTER TABLE orders DROP COLUMN twice;
ALTER TABLE orders DROP COLUMN thrice;
ALTER TABLE orders DROP COLUMN id;
ALTER TABLE orders DROP COLUMN nothing;
ALTER TABLE orders DROP COLUMN body, DROP COLUMN half;
ALTER TABLE orders DROP COLUMN body, ADD COLUMN more int;
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE orders RENAME COLUMN total TO amount;
ALTER TABLE orders RENAME COLUMN nothing TO something;
ALTER TABLE orders RENAME COLUMN note TO body;
ALTER TABLE orders CHANGE note remark varchar(100);
ALTER TABLE orders CHANGE note remark varchar(200);
ALTER TABLE orders CHANGE size size int NOT NULL;
ALTER TABLE orders MODIFY total bigint;
ALTER TABLE orders MODIFY total int;
ALTER TABLE orders MODIFY total int NOT NULL;
ALTER TABLE orders MODIFY total int DEFAULT 7;
ALTER TABLE orders MODIFY total int unsigned;
ALTER TABLE orders MODIFY total varchar(20);
ALTER TABLE orders MODIFY size int;
ALTER TABLE orders MODIFY size int NULL;
ALTER TABLE orders MODIFY size int NOT NULL COMMENT 'x';
ALTER TABLE orders MODIFY size int NOT NULL FIRST;
ALTER TABLE orders MODIFY code varchar(40) NOT NULL;
ALTER TABLE orders MODIFY note varchar(120);
ALTER TABLE orders MODIFY note varchar(80);
ALTER TABLE orders MODIFY note varchar(300);
ALTER TABLE orders MODIFY small varchar(63);
ALTER TABLE orders MODIFY small varchar(64);
ALTER TABLE orders MODIFY small varchar(60);
ALTER TABLE orders MODIFY wide varchar(300);
ALTER TABLE orders MODIFY wide text;
ALTER TABLE orders MODIFY body mediumtext;
ALTER TABLE orders MODIFY body varchar(200);
ALTER TABLE orders MODIFY note varchar(100) CHARACTER SET latin1;
ALTER TABLE orders MODIFY note varchar(100) COLLATE utf8mb4_bin;
ALTER TABLE orders MODIFY small varchar(63) COLLATE utf8mb4_bin;
ALTER TABLE orders MODIFY kind enum('a','b','c') DEFAULT 'a';
ALTER TABLE orders MODIFY kind enum('a','c','b') DEFAULT 'a';
ALTER TABLE orders MODIFY kind enum('a') DEFAULT 'a';
ALTER TABLE orders MODIFY flags set('x','y','z');
ALTER TABLE orders MODIFY at datetime(3);
ALTER TABLE orders MODIFY at timestamp NULL;
ALTER TABLE orders MODIFY day datetime;
ALTER TABLE orders MODIFY price decimal(12,2);
ALTER TABLE orders MODIFY price decimal(10,3);
ALTER TABLE orders MODIFY half double;
ALTER TABLE orders MODIFY yes boolean;
ALTER TABLE orders MODIFY yes smallint;
ALTER TABLE orders MODIFY fixed char(20);
ALTER TABLE orders MODIFY fixed varchar(10);
ALTER TABLE orders MODIFY bin varbinary(40);
ALTER TABLE orders MODIFY id bigint NOT NULL AUTO_INCREMENT;
ALTER TABLE orders MODIFY twice int GENERATED ALWAYS AS (total * 3) VIRTUAL;
ALTER TABLE orders MODIFY thrice int GENERATED ALWAYS AS (size * 4) STORED;
ALTER TABLE orders MODIFY nothing int;
ALTER TABLE orders ALTER COLUMN preset SET DEFAULT 9;
ALTER TABLE orders ALTER COLUMN preset DROP DEFAULT;
ALTER TABLE orders ALTER COLUMN total SET DEFAULT 1;

-- scene: keys
CREATE TABLE people (id int PRIMARY KEY, code varchar(20), UNIQUE KEY people_code (code)) ENGINE=InnoDB;
CREATE TABLE orders (
    id int NOT NULL AUTO_INCREMENT, person_id int, total int, code varchar(50), body text, spot point NOT NULL,
    PRIMARY KEY (id), KEY orders_code (code), CONSTRAINT orders_person FOREIGN KEY (person_id) REFERENCES people (id)
) ENGINE=InnoDB;
CREATE TABLE loose (id int, v int NOT NULL, w int) ENGINE=InnoDB;
CREATE TABLE worded (id int PRIMARY KEY, body text, FULLTEXT KEY worded_body (body)) ENGINE=InnoDB;
-- try
CREATE INDEX more ON orders (total);
CREATE UNIQUE INDEX more ON orders (code);
CREATE INDEX more ON orders (body(20));
CREATE INDEX more ON orders (body);
CREATE INDEX orders_code ON orders (total);
CREATE INDEX more ON orders (nothing);
CREATE INDEX more ON nowhere (id);
CREATE FULLTEXT INDEX more ON orders (body);
CREATE SPATIAL INDEX more ON orders (spot);
CREATE INDEX more ON orders (total) ALGORITHM=INPLACE LOCK=NONE;
CREATE INDEX more ON orders (total) ALGORITHM=COPY;
CREATE INDEX more ON orders (total) ALGORITHM=INSTANT;
DROP INDEX orders_code ON orders;
DROP INDEX orders_person ON orders;
DROP INDEX nothing ON orders;
DROP INDEX worded_body ON worded;
ALTER TABLE orders ADD INDEX more (total), ADD INDEX again (code, total);
ALTER TABLE orders DROP INDEX orders_code, ADD INDEX orders_code (code, total);
ALTER TABLE orders RENAME INDEX orders_code TO orders_codes;
ALTER TABLE orders RENAME INDEX nothing TO something;
ALTER TABLE orders ADD UNIQUE (code);
ALTER TABLE orders ADD FULLTEXT (body);
ALTER TABLE loose ADD PRIMARY KEY (v);
ALTER TABLE loose ADD PRIMARY KEY (id);
ALTER TABLE loose ADD PRIMARY KEY (v), ALGORITHM=INPLACE;
ALTER TABLE people DROP PRIMARY KEY;
ALTER TABLE orders DROP PRIMARY KEY;
ALTER TABLE people DROP PRIMARY KEY, ADD PRIMARY KEY (code);
ALTER TABLE orders ADD PRIMARY KEY (total);
ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (total) REFERENCES people (id);
ALTER TABLE loose ADD CONSTRAINT fk FOREIGN KEY (v) REFERENCES people (id);
ALTER TABLE loose ADD CONSTRAINT fk FOREIGN KEY (v) REFERENCES people (id), ALGORITHM=INPLACE;
ALTER TABLE loose ADD CONSTRAINT fk FOREIGN KEY (v) REFERENCES nowhere (id);
ALTER TABLE loose ADD CONSTRAINT fk FOREIGN KEY (nothing) REFERENCES people (id);
ALTER TABLE orders DROP FOREIGN KEY orders_person;
ALTER TABLE orders DROP FOREIGN KEY nothing;
ALTER TABLE orders DROP COLUMN person_id;
ALTER TABLE people MODIFY id bigint;
ALTER TABLE orders MODIFY person_id bigint;
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total < 0);
ALTER TABLE loose ADD COLUMN more int;
ALTER TABLE worded ADD COLUMN more int;
ALTER TABLE worded ADD COLUMN more int FIRST;
ALTER TABLE worded MODIFY body text NOT NULL;
ALTER TABLE worded ENGINE=InnoDB;
ALTER IGNORE TABLE loose ADD UNIQUE (v);
ALTER IGNORE TABLE loose ADD INDEX (v);
ALTER TABLE loose ADD UNIQUE (v), LOCK=NONE;
ALTER TABLE loose ADD COLUMN more int, ALGORITHM=INSTANT;
ALTER TABLE loose MODIFY v bigint NOT NULL, ALGORITHM=INPLACE;
ALTER TABLE loose MODIFY v bigint NOT NULL, LOCK=NONE;
ALTER ONLINE TABLE loose ADD COLUMN more int;
ALTER TABLE loose DROP COLUMN IF EXISTS nothing;
ALTER TABLE loose ADD COLUMN IF NOT EXISTS v int;
ALTER TABLE loose ADD INDEX IF NOT EXISTS more (v);
ALTER TABLE orders DROP INDEX IF EXISTS nothing;

-- scene: tables
CREATE TABLE people (id int PRIMARY KEY, name varchar(40)) ENGINE=InnoDB;
CREATE TABLE orders (id int PRIMARY KEY, person_id int, note varchar(40), FOREIGN KEY (person_id) REFERENCES people (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE old_style (id int PRIMARY KEY, note varchar(20)) ENGINE=MyISAM;
CREATE TABLE narrow (id int PRIMARY KEY, note varchar(20)) ENGINE=InnoDB DEFAULT CHARSET=latin1;
CREATE TABLE plain (id int PRIMARY KEY, n int) ENGINE=InnoDB;
CREATE VIEW short AS SELECT id FROM people;
CREATE TRIGGER people_in BEFORE INSERT ON people FOR EACH ROW SET NEW.name = 'x';
-- try
ALTER TABLE orders ENGINE=InnoDB;
ALTER TABLE orders ENGINE=MyISAM;
ALTER TABLE plain ENGINE=MyISAM;
ALTER TABLE old_style ENGINE=InnoDB;
ALTER TABLE old_style ADD COLUMN more int;
ALTER TABLE old_style ADD INDEX (note);
ALTER TABLE plain FORCE;
ALTER TABLE plain ROW_FORMAT=COMPRESSED;
ALTER TABLE plain ROW_FORMAT=DYNAMIC;
ALTER TABLE plain AUTO_INCREMENT=1000;
ALTER TABLE plain COMMENT='x';
ALTER TABLE plain STATS_PERSISTENT=1;
ALTER TABLE plain KEY_BLOCK_SIZE=8;
ALTER TABLE plain ORDER BY n;
ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4;
ALTER TABLE orders CONVERT TO CHARACTER SET latin1;
ALTER TABLE narrow CONVERT TO CHARACTER SET utf8mb4;
ALTER TABLE narrow DEFAULT CHARACTER SET utf8mb4;
ALTER TABLE plain CONVERT TO CHARACTER SET latin1;
ALTER TABLE plain RENAME TO simple;
ALTER TABLE plain RENAME TO people;
ALTER TABLE plain DISABLE KEYS;
RENAME TABLE plain TO simple;
RENAME TABLE plain TO simple, orders TO purchases;
RENAME TABLE nowhere TO somewhere;
RENAME TABLE plain TO people;
DROP TABLE plain;
DROP TABLE people;
DROP TABLE orders;
DROP TABLE orders, people;
DROP TABLE nowhere;
DROP TABLE IF EXISTS nowhere;
TRUNCATE TABLE plain;
TRUNCATE TABLE people;
TRUNCATE TABLE orders;
OPTIMIZE TABLE plain;
ANALYZE TABLE plain;
CREATE TABLE more (id int PRIMARY KEY, person_id int, FOREIGN KEY (person_id) REFERENCES people (id));
CREATE TABLE more (id int, person_id int, FOREIGN KEY (person_id) REFERENCES people (name));
CREATE TABLE more LIKE people;
CREATE TABLE more AS SELECT * FROM people;
CREATE TABLE people (id int);
CREATE TABLE IF NOT EXISTS people (id int);
CREATE TABLE more (id int AUTO_INCREMENT);
CREATE TABLE more (id int, id int);
CREATE TEMPORARY TABLE more (id int);
CREATE VIEW more AS SELECT * FROM people;
CREATE OR REPLACE VIEW short AS SELECT name FROM people;
CREATE VIEW short AS SELECT 1;
DROP VIEW short;
DROP VIEW nothing;
DROP VIEW IF EXISTS nothing;
CREATE TRIGGER more BEFORE UPDATE ON people FOR EACH ROW SET NEW.name = 'y';
CREATE TRIGGER people_in BEFORE UPDATE ON people FOR EACH ROW SET NEW.name = 'y';
DROP TRIGGER people_in;
DROP TRIGGER nothing;
DROP DATABASE IF EXISTS nothing_here;

-- scene: partitions
CREATE TABLE events (id int NOT NULL, year int NOT NULL, PRIMARY KEY (id, year)) ENGINE=InnoDB
    PARTITION BY RANGE (year) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200), PARTITION p2 VALUES LESS THAN (300));
CREATE TABLE spread (id int NOT NULL, v int) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE plain (id int NOT NULL, v int) ENGINE=InnoDB;
-- try
ALTER TABLE events ADD PARTITION (PARTITION p3 VALUES LESS THAN (400));
ALTER TABLE events DROP PARTITION p0;
ALTER TABLE events DROP PARTITION nothing;
ALTER TABLE events TRUNCATE PARTITION p0;
ALTER TABLE events REORGANIZE PARTITION p0, p1 INTO (PARTITION p01 VALUES LESS THAN (200));
ALTER TABLE events REMOVE PARTITIONING;
ALTER TABLE events ADD COLUMN more int;
ALTER TABLE events ADD INDEX (year);
ALTER TABLE spread ADD PARTITION PARTITIONS 2;
ALTER TABLE spread COALESCE PARTITION 1;
ALTER TABLE plain PARTITION BY HASH (id) PARTITIONS 2;
ALTER TABLE spread DROP PARTITION p0;

-- scene: rows
CREATE TABLE people (id int PRIMARY KEY, code varchar(20) UNIQUE, size int NOT NULL) ENGINE=InnoDB;
CREATE TABLE orders (id int PRIMARY KEY, person_id int, total int NOT NULL, FOREIGN KEY (person_id) REFERENCES people (id)) ENGINE=InnoDB;
-- try
UPDATE orders SET total = 1;
UPDATE orders SET total = 1 WHERE id = 5;
UPDATE orders SET nothing = 1;
UPDATE nowhere SET a = 1;
DELETE FROM orders;
DELETE FROM orders WHERE id = 5;
DELETE FROM people WHERE id = 100000;
INSERT INTO people VALUES (100000, 'x', 1);
INSERT INTO people (id, nothing) VALUES (1, 2);
INSERT INTO people SELECT id + 100000, CONCAT(code, 'x'), size FROM people;
SELECT COUNT(*) FROM people;

-- scene: names
CREATE TABLE people (id int PRIMARY KEY, mail varchar(50), size int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE orders (id int PRIMARY KEY, person_id int, total int, CONSTRAINT orders_person FOREIGN KEY (person_id) REFERENCES people (id)) ENGINE=InnoDB;
-- try
UPDATE people SET size = nothing;
DELETE FROM people WHERE nothing = 1;
INSERT INTO people VALUES (1000, 'x');
INSERT INTO people (id, mail) VALUES (1000);
INSERT INTO people (id, id) VALUES (1000, 1);
ALTER TABLE people ADD COLUMN extra tinyint DEFAULT 500;
ALTER TABLE people ADD COLUMN extra enum('a', 'a');
ALTER TABLE people ADD COLUMN extra varchar(10) CHARACTER SET nothing;
ALTER TABLE people ADD COLUMN extra varchar(10) COLLATE nothing;
ALTER TABLE people ADD COLUMN extra varchar(10) CHARACTER SET latin1 COLLATE utf8mb4_bin;
ALTER TABLE people ADD COLUMN extra bit(65);
ALTER TABLE people ADD INDEX again (size, size);
ALTER TABLE people ADD INDEX long_prefix (mail(60));
ALTER TABLE people ADD FULLTEXT words (size);
ALTER TABLE people ENGINE=nothing;
ALTER TABLE orders RENAME COLUMN person_id TO owner_id;
ALTER TABLE orders ADD CONSTRAINT other FOREIGN KEY (person_id, id) REFERENCES people (id);

-- scene: parts
CREATE TABLE log (id int NOT NULL, size int, PRIMARY KEY (id)) ENGINE=InnoDB PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1000), PARTITION p1 VALUES LESS THAN (2000));
-- try
ALTER TABLE log ADD PARTITION (PARTITION p2 VALUES IN (5));
ALTER TABLE log ADD PARTITION PARTITIONS 2;
ALTER TABLE log TRUNCATE PARTITION nothing;
ALTER TABLE log COALESCE PARTITION 1;
ALTER TABLE log REORGANIZE PARTITION p0 INTO (PARTITION a VALUES LESS THAN (500), PARTITION b VALUES LESS THAN (900));
ALTER TABLE log REORGANIZE PARTITION p1 INTO (PARTITION a VALUES LESS THAN (1500), PARTITION b VALUES LESS THAN (3000));

-- scene: keys again
CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20) NOT NULL, c int NOT NULL, KEY ka (a), UNIQUE KEY kb (b), KEY kc (c, a)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- try
ALTER TABLE t DROP INDEX ka, ADD INDEX ka (a);
ALTER TABLE t DROP INDEX ka, ADD INDEX kz (a);
ALTER TABLE t DROP INDEX ka, ADD INDEX KA (a);
ALTER TABLE t DROP INDEX ka, ADD INDEX ka (a), ADD INDEX kq (c);
ALTER TABLE t DROP INDEX ka, ADD INDEX ka (a DESC);
ALTER TABLE t DROP INDEX ka, ADD UNIQUE INDEX ka (a);
ALTER TABLE t DROP INDEX kb, ADD UNIQUE INDEX kb (b);
ALTER TABLE t DROP INDEX kb, ADD UNIQUE INDEX kb (b(10));
ALTER TABLE t DROP INDEX kc, ADD INDEX kc (c, a);
ALTER TABLE t DROP INDEX kc, ADD INDEX kc (a, c);
ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id);
ALTER TABLE t DROP INDEX ka, ADD INDEX ka (a), ADD COLUMN x int;

-- scene: computed columns
CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, a int, b varchar(20) NOT NULL, c int NOT NULL, g int GENERATED ALWAYS AS (c + 1) STORED, v int GENERATED ALWAYS AS (c + 2) VIRTUAL, w int GENERATED ALWAYS AS (c + 3) VIRTUAL, e enum('x','y') CHARACTER SET latin1, s set('x','y') CHARACTER SET latin1, ei enum('x','y') CHARACTER SET latin1, KEY (ei)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- try
ALTER TABLE t RENAME COLUMN g TO gg;
ALTER TABLE t CHANGE g gg int GENERATED ALWAYS AS (c + 1) STORED;
ALTER TABLE t MODIFY g int GENERATED ALWAYS AS (c + 1) STORED;
ALTER TABLE t MODIFY g int GENERATED ALWAYS AS (c + 1) STORED FIRST;
ALTER TABLE t MODIFY g int GENERATED ALWAYS AS (c + 1) STORED AFTER a;
ALTER TABLE t MODIFY v int GENERATED ALWAYS AS (c + 2) VIRTUAL FIRST;
ALTER TABLE t DROP COLUMN v;
ALTER TABLE t DROP COLUMN w;
ALTER TABLE t MODIFY e enum('x','y') CHARACTER SET utf8mb4;
ALTER TABLE t MODIFY s set('x','y') CHARACTER SET utf8mb4;
ALTER TABLE t MODIFY ei enum('x','y') CHARACTER SET utf8mb4;
ALTER TABLE t MODIFY e enum('X','Y','z') CHARACTER SET latin1;
ALTER TABLE t ADD COLUMN x int DEFAULT (sleep(1));
ALTER TABLE t ADD COLUMN x varchar(40) DEFAULT (uuid());
ALTER TABLE t ADD COLUMN x int DEFAULT (nothing + 1);
ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (rand()) VIRTUAL;
ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (rand()) STORED;
ALTER TABLE t ADD COLUMN x date AS (curdate()) STORED;
ALTER TABLE t ADD COLUMN x int AS (id + 1) STORED;
ALTER TABLE t ADD COLUMN x int AS (x + 1) STORED;
ALTER TABLE t ADD COLUMN x int AS (sum(a)) VIRTUAL;
ALTER TABLE t ADD CHECK (a < now());
ALTER TABLE t ADD CHECK (a < @a);
ALTER TABLE t ADD CHECK (id < 100);
ALTER TABLE t ADD CHECK (a < (SELECT 1));

-- scene: views as tables
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE VIEW vw AS SELECT id, a FROM t;
-- try
ALTER TABLE vw ADD COLUMN x int;
CREATE INDEX q ON vw (a);
DROP INDEX q ON vw;
CREATE TRIGGER tr BEFORE INSERT ON vw FOR EACH ROW SET NEW.a = 1;
TRUNCATE TABLE vw;
DROP TABLE vw;
DROP TABLE IF EXISTS vw;
DROP VIEW t;
DROP VIEW IF EXISTS t;
ALTER VIEW nowhere AS SELECT 1 AS x;
CREATE OR REPLACE VIEW t AS SELECT 1 AS x;

-- scene: functional keys
CREATE TABLE t (id int PRIMARY KEY, b int, d datetime, v int GENERATED ALWAYS AS (b + 9), KEY q ((b + 1)), KEY s ((b + 2)));
-- try
CREATE INDEX r ON t ((b + 3));
CREATE INDEX z ON t ((b + 3));
CREATE UNIQUE INDEX z ON t ((b + 3));
CREATE INDEX r ON t (d);
ALTER TABLE t ADD COLUMN x int AS (b + 3);
ALTER TABLE t ADD COLUMN x int;
ALTER TABLE t ADD COLUMN x int, ADD INDEX (x);
ALTER TABLE t DROP COLUMN v;
ALTER TABLE t DROP INDEX q;
ALTER TABLE t DROP INDEX q, ADD INDEX q ((b + 1));
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t RENAME COLUMN b TO bb;
ALTER TABLE t DROP COLUMN d;

-- scene: partitions exchanged and chosen
CREATE TABLE ranged (id int NOT NULL, at date NOT NULL, n int, PRIMARY KEY (id, at), KEY ranged_n (n)) PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2020), PARTITION pm VALUES LESS THAN MAXVALUE);
CREATE TABLE hashed (id int NOT NULL PRIMARY KEY, n int) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE listed (id int NOT NULL, n int) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2, 3), PARTITION b VALUES IN (4, 5));
CREATE TABLE alike (id int NOT NULL, at date NOT NULL, n int DEFAULT 5 COMMENT 'x', PRIMARY KEY (id, at), KEY ranged_n (n));
CREATE TABLE wider (id int NOT NULL, at date NOT NULL, n bigint, PRIMARY KEY (id, at), KEY ranged_n (n));
CREATE TABLE bare (id int NOT NULL, at date NOT NULL, n int, PRIMARY KEY (id, at));
CREATE TABLE parent (id int NOT NULL PRIMARY KEY);
CREATE TABLE child (id int NOT NULL PRIMARY KEY, parent_id int, CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id));
CREATE TABLE plain (id int NOT NULL, at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, word varchar(20), price decimal(8,2), body text);
-- try
ALTER TABLE ranged EXCHANGE PARTITION p0 WITH TABLE alike;
ALTER TABLE ranged EXCHANGE PARTITION nowhere WITH TABLE alike;
ALTER TABLE ranged EXCHANGE PARTITION p0 WITH TABLE wider;
ALTER TABLE ranged EXCHANGE PARTITION p0 WITH TABLE bare;
ALTER TABLE ranged EXCHANGE PARTITION p0 WITH TABLE hashed;
ALTER TABLE ranged EXCHANGE PARTITION p0 WITH TABLE child;
ALTER TABLE ranged EXCHANGE PARTITION p0 WITH TABLE nowhere;
ALTER TABLE hashed COALESCE PARTITION 3;
ALTER TABLE hashed COALESCE PARTITION 4;
ALTER TABLE hashed TRUNCATE PARTITION p4;
ALTER TABLE child PARTITION BY HASH (id) PARTITIONS 2;
ALTER TABLE parent PARTITION BY HASH (id) PARTITIONS 2;
ALTER TABLE parent PARTITION BY HASH (nowhere) PARTITIONS 2;
ALTER TABLE plain PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1));
ALTER TABLE plain PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1), PARTITION p1 VALUES LESS THAN MAXVALUE);
ALTER TABLE plain PARTITION BY HASH (nowhere);
ALTER TABLE plain PARTITION BY HASH (word);
ALTER TABLE plain PARTITION BY HASH (body);
ALTER TABLE plain PARTITION BY KEY (body);
ALTER TABLE plain PARTITION BY KEY (word, price, at);
ALTER TABLE plain PARTITION BY KEY (nowhere);
ALTER TABLE plain PARTITION BY RANGE COLUMNS (word) (PARTITION p0 VALUES LESS THAN (MAXVALUE));
ALTER TABLE plain PARTITION BY RANGE COLUMNS (price) (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (MAXVALUE));
ALTER TABLE plain PARTITION BY HASH (YEAR(at));
ALTER TABLE plain PARTITION BY HASH (UNIX_TIMESTAMP(at));
ALTER TABLE plain PARTITION BY HASH (1);
ALTER TABLE plain PARTITION BY HASH (LENGTH(word));
ALTER TABLE plain PARTITION BY HASH (RAND());
ALTER TABLE plain PARTITION BY HASH (ABS(id) + 1);
CREATE TABLE fresh (id int, at timestamp) PARTITION BY RANGE (YEAR(at)) (PARTITION a VALUES LESS THAN (2020));
CREATE TABLE fresh (word varchar(10)) PARTITION BY RANGE (word) (PARTITION a VALUES LESS THAN (10));
CREATE TABLE fresh (word varchar(10)) PARTITION BY RANGE COLUMNS (word) (PARTITION a VALUES LESS THAN ('k'));
CREATE TABLE fresh (id int) PARTITION BY HASH (RAND());

-- scene: keys to oneself
CREATE TABLE tree (id int NOT NULL PRIMARY KEY, above int, n int NOT NULL, CONSTRAINT tree_above FOREIGN KEY (above) REFERENCES tree (id));
-- try
ALTER TABLE tree MODIFY id bigint;
ALTER TABLE tree MODIFY above bigint;
ALTER TABLE tree MODIFY above bigint, MODIFY id bigint;
ALTER TABLE tree MODIFY id bigint NOT NULL, MODIFY above bigint;
ALTER TABLE tree MODIFY id int unsigned NOT NULL;
ALTER TABLE tree DROP COLUMN id;
ALTER TABLE tree DROP COLUMN above;
ALTER TABLE tree DROP PRIMARY KEY;
ALTER TABLE tree DROP FOREIGN KEY tree_above, MODIFY id bigint NOT NULL, MODIFY above bigint;
ALTER TABLE tree CHANGE above over int, CHANGE id number int NOT NULL;
ALTER TABLE tree PARTITION BY HASH (id) PARTITIONS 2;

-- scene: options and particulars
CREATE TABLE packed (id int NOT NULL PRIMARY KEY, a int, KEY packed_a (a)) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
CREATE TABLE loose (id int NOT NULL PRIMARY KEY, a int, b int NOT NULL, KEY loose_a (a), KEY loose_b (b) COMMENT 'x') ROW_FORMAT=DYNAMIC;
CREATE TABLE flat (id int NOT NULL PRIMARY KEY, a int) ENGINE=MyISAM;
-- try
ALTER TABLE packed ROW_FORMAT=DYNAMIC;
ALTER TABLE packed ROW_FORMAT=REDUNDANT;
ALTER TABLE packed ROW_FORMAT=DEFAULT;
ALTER TABLE packed ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=0;
ALTER TABLE loose KEY_BLOCK_SIZE=8;
ALTER TABLE loose ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=3;
ALTER TABLE loose ROW_FORMAT=FIXED;
ALTER TABLE loose CHARSET latin1 COLLATE utf8mb4_bin;
ALTER TABLE loose COLLATE utf8mb4_bin CHARSET latin1;
ALTER TABLE loose CHARSET latin1 COLLATE latin1_bin;
CREATE TABLE fresh (id int) CHARACTER SET latin1 COLLATE utf8mb4_bin;
CREATE TABLE fresh (id int) CHARACTER SET latin1 COLLATE latin1_bin;
CREATE TABLE loose LIKE loose;
CREATE TABLE nowhere LIKE nowhere;
ALTER TABLE flat COMMENT 'x';
ALTER TABLE loose DROP INDEX loose_a, ADD INDEX loose_a (a) COMMENT 'x';
ALTER TABLE loose DROP INDEX loose_a, ADD INDEX loose_a (a) COMMENT '';
ALTER TABLE loose DROP INDEX loose_a, ADD INDEX loose_a (a) USING BTREE;
ALTER TABLE loose DROP INDEX loose_b, ADD INDEX loose_b (b);
ALTER TABLE loose DROP INDEX loose_b, ADD INDEX loose_b (b) COMMENT 'x';
ALTER TABLE loose DROP INDEX loose_b, ADD INDEX loose_c (b) COMMENT 'x';
ALTER TABLE loose DROP INDEX loose_b, ADD INDEX loose_c (b) COMMENT 'y';

-- scene: keys that stay visible
CREATE TABLE bare (a int NOT NULL, b int NOT NULL, UNIQUE KEY ua (a));
CREATE TABLE plain (id int NOT NULL PRIMARY KEY, a int NOT NULL);
CREATE TABLE held (id int NOT NULL PRIMARY KEY, a int, CONSTRAINT held_a CHECK (a > 0));
-- try
ALTER TABLE bare ALTER INDEX ua INVISIBLE;
ALTER TABLE bare ADD UNIQUE u2 (a) INVISIBLE;
ALTER TABLE bare ADD PRIMARY KEY (a), ALTER INDEX ua INVISIBLE;
CREATE TABLE fresh (a int NOT NULL, b int NOT NULL, UNIQUE KEY k (a) INVISIBLE, UNIQUE KEY k2 (b));
CREATE TABLE fresh (a int NOT NULL, b int NOT NULL, UNIQUE KEY k (a), UNIQUE KEY k2 (b) INVISIBLE);
CREATE TABLE fresh (a int PRIMARY KEY, b int NOT NULL, UNIQUE KEY k2 (b) INVISIBLE);
ALTER TABLE plain ALTER INDEX `PRIMARY` INVISIBLE;
CREATE UNIQUE INDEX k ON bare (a) INVISIBLE;
ALTER TABLE bare ADD PRIMARY KEY (a) INVISIBLE;
ALTER TABLE plain ADD PRIMARY KEY ((a + 1));
ALTER TABLE bare ADD PRIMARY KEY ((a + 1));
ALTER TABLE held ALTER CHECK held_a ENFORCED;
ALTER TABLE held ALTER CHECK held_a NOT ENFORCED;

-- scene: sequences
CREATE SEQUENCE numbers;
CREATE TABLE crates (id int PRIMARY KEY);
-- try
CREATE SEQUENCE numbers;
CREATE SEQUENCE crates;
CREATE SEQUENCE IF NOT EXISTS numbers;
CREATE OR REPLACE SEQUENCE numbers;
CREATE OR REPLACE SEQUENCE crates;
CREATE TABLE numbers (id int);
ALTER TABLE numbers ADD COLUMN more int;
ALTER TABLE numbers DROP COLUMN cycle_option;
ALTER TABLE numbers ADD INDEX (start_value);
ALTER TABLE numbers RENAME TO others;
ALTER TABLE numbers MODIFY cycle_option int;
ALTER TABLE numbers ADD CHECK (start_value > 0);
TRUNCATE numbers;
UPDATE numbers SET cycle_option = 1;
DELETE FROM numbers;
ALTER SEQUENCE crates RESTART;
ALTER SEQUENCE numbers RESTART 5;
DROP SEQUENCE crates;
