CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
    note TEXT
);
CREATE INDEX orders_customer_idx ON orders (customer_id);
INSERT INTO customers (id, email, phone) VALUES (1, 'ada@example.org', '555 0100');
INSERT INTO orders (customer_id, total_cents) VALUES (1, 4200);
