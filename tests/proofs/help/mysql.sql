-- Statements of every shape whose help is executed, on MySQL and MariaDB.

-- scene: columns
CREATE TABLE orders (
    id int unsigned AUTO_INCREMENT PRIMARY KEY, code varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'it''s  the code',
    state enum('new','it''s paid','sent') NOT NULL DEFAULT 'new' COMMENT 'of the order', flags set('x','y z') NOT NULL DEFAULT '',
    total decimal(12,2) NOT NULL, at timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, made datetime(3) NOT NULL,
    note text, size int DEFAULT 5, twice int GENERATED ALWAYS AS (size * 2) VIRTUAL, `key` varchar(10), `Mixed Case` bigint unsigned NOT NULL,
    KEY orders_code (code), KEY orders_note (note(20)), UNIQUE KEY orders_key (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE places (id int PRIMARY KEY, name varchar(40));
CREATE TABLE visits (place int NOT NULL, day date NOT NULL, people int, who varchar(30), PRIMARY KEY (place, day));
-- try
ALTER TABLE orders RENAME COLUMN code TO number;
ALTER TABLE orders CHANGE code number varchar(40) COLLATE utf8mb4_bin NOT NULL COMMENT 'it''s  the number';
ALTER TABLE orders CHANGE state `order` enum('new','it''s paid','sent') NOT NULL DEFAULT 'new';
ALTER TABLE orders RENAME COLUMN flags TO marks;
ALTER TABLE orders RENAME COLUMN total TO `sum`;
ALTER TABLE orders RENAME COLUMN at TO since;
ALTER TABLE orders RENAME COLUMN made TO created_at;
ALTER TABLE orders RENAME COLUMN size TO pieces;
ALTER TABLE orders RENAME COLUMN twice TO thrice;
ALTER TABLE orders RENAME COLUMN `Mixed Case` TO plain;
ALTER TABLE orders MODIFY code varchar(10) COLLATE utf8mb4_bin NOT NULL COMMENT 'it''s  the code';
ALTER TABLE orders MODIFY total int NOT NULL;
ALTER TABLE orders MODIFY state varchar(20) CHARACTER SET latin1;
ALTER TABLE orders MODIFY `key` varchar(10) NOT NULL AFTER code;
ALTER TABLE orders MODIFY size bigint NOT NULL DEFAULT 5 FIRST;
ALTER TABLE orders MODIFY note mediumtext, ADD COLUMN more int, DROP COLUMN at;
ALTER TABLE orders ADD COLUMN label varchar(20) NOT NULL AFTER code;
ALTER TABLE orders ADD COLUMN token varchar(40) DEFAULT (uuid());
ALTER TABLE orders ADD COLUMN extra int GENERATED ALWAYS AS (size + 1) STORED;
ALTER TABLE orders ADD CHECK (size > 0);
ALTER TABLE orders ADD CONSTRAINT sized CHECK (note <> 'a  b' AND size > 0);
ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
ALTER TABLE orders ADD FULLTEXT INDEX words (note);
CREATE FULLTEXT INDEX words ON orders (note);
CREATE UNIQUE INDEX made_key ON orders (made, code(10));
ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, code);
ALTER TABLE orders ENGINE=InnoDB;
OPTIMIZE TABLE orders;
ALTER TABLE visits ADD CONSTRAINT visit_place FOREIGN KEY (place) REFERENCES places (id) ON DELETE CASCADE;
ALTER TABLE visits ADD COLUMN id int AUTO_INCREMENT UNIQUE;
ALTER TABLE visits MODIFY who varchar(30) NOT NULL;
ALTER TABLE visits DROP COLUMN who;
RENAME TABLE visits TO stays;
DROP TABLE visits;
UPDATE visits SET people = people + 1;
UPDATE orders SET note = 'a  b';
DELETE FROM visits;

-- scene: rows that stop it
CREATE TABLE people (id int PRIMARY KEY, name varchar(300) COLLATE utf8mb4_bin, code varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, age int, boss int, day date, UNIQUE KEY people_code (code));
CREATE TABLE bosses (id int PRIMARY KEY);
-- try
CREATE UNIQUE INDEX people_name ON people (name(10));
CREATE UNIQUE INDEX people_age ON people (age DESC, boss);
ALTER TABLE people ADD UNIQUE KEY (age);
ALTER TABLE people MODIFY age int NOT NULL;
ALTER TABLE people MODIFY age smallint;
ALTER TABLE people MODIFY name varchar(40);
ALTER TABLE people MODIFY age tinyint unsigned NOT NULL;
ALTER TABLE people MODIFY code varchar(40) COLLATE utf8mb4_general_ci;
ALTER TABLE people CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
ALTER TABLE people ADD CHECK (age < 1000);
ALTER TABLE people ADD FOREIGN KEY (boss) REFERENCES bosses (id);
