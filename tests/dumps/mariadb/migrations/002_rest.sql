CREATE VIEW rich AS SELECT id, name FROM people WHERE price > 100;
CREATE TABLE counts (person_id bigint unsigned PRIMARY KEY, n int NOT NULL DEFAULT 0);
DELIMITER ;;
CREATE TRIGGER orders_count AFTER INSERT ON orders FOR EACH ROW BEGIN
  INSERT INTO counts (person_id, n) VALUES (NEW.person_id, 1) ON DUPLICATE KEY UPDATE n = n + 1;
END;;
CREATE PROCEDURE tidy(IN days int)
BEGIN
  DELETE FROM logs WHERE at < now() - INTERVAL days DAY;
  SELECT 1;
END;;
CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2;;
DELIMITER ;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO CALL tidy(30);
ALTER TABLE people ADD COLUMN phone varchar(30), ADD INDEX people_phone (phone);
ALTER TABLE people RENAME COLUMN born TO birthday;
ALTER TABLE orders ADD COLUMN total decimal(12,2) NOT NULL DEFAULT 0 AFTER person_id;
RENAME TABLE places TO spots;
CREATE INDEX orders_total ON orders (total);
ALTER TABLE orders DROP INDEX orders_total;
