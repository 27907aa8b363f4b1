CREATE VIEW rich AS SELECT id, name FROM people WHERE price > 100;
CREATE TRIGGER orders_touch AFTER INSERT ON orders BEGIN
  UPDATE people SET changed_at = datetime('now') WHERE id = NEW.person_id;
  SELECT 1;
END;
ALTER TABLE people ADD COLUMN phone TEXT;
ALTER TABLE pairs RENAME TO couples;
ALTER TABLE orders RENAME COLUMN note TO remark;
