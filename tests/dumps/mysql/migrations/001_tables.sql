CREATE TABLE people (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email varchar(190) NOT NULL,
  name varchar(80) CHARACTER SET latin1 DEFAULT 'nobody',
  state enum('new','old') NOT NULL DEFAULT 'new',
  roles set('a','b'),
  full_name varchar(200) GENERATED ALWAYS AS (concat(name, ' ', email)) STORED,
  short varchar(10) AS (left(email, 10)),
  price decimal(10,2) unsigned NOT NULL DEFAULT 0.00,
  born date,
  changed_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  about text COMMENT 'free; text',
  tiny tinyint(1) DEFAULT 1,
  UNIQUE KEY people_email (email),
  KEY people_name (name(20), born),
  FULLTEXT KEY people_about (about),
  CONSTRAINT sane CHECK (price < 1000000)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='who';
CREATE TABLE orders (
  id int NOT NULL AUTO_INCREMENT,
  person_id bigint unsigned NOT NULL,
  parent_id int,
  note longtext,
  PRIMARY KEY (id),
  FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE,
  CONSTRAINT orders_parent FOREIGN KEY (parent_id) REFERENCES orders (id) ON DELETE SET NULL
);
CREATE TABLE logs (
  id int NOT NULL,
  at date NOT NULL,
  what json,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (year(at)) (
  PARTITION p0 VALUES LESS THAN (2020),
  PARTITION p1 VALUES LESS THAN (2030),
  PARTITION pmax VALUES LESS THAN MAXVALUE
);
CREATE TABLE places (id int PRIMARY KEY, spot point NOT NULL, SPATIAL INDEX places_spot (spot));
