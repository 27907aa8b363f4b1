--
-- PostgreSQL database dump
--

\restrict Zw0bGxvY2tnYXRl

-- Dumped from database version 15.18
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: billing; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA billing;


ALTER SCHEMA billing OWNER TO postgres;

--
-- Name: plain; Type: COLLATION; Schema: public; Owner: postgres
--

CREATE COLLATION public.plain (provider = libc, locale = 'C');


ALTER COLLATION public.plain OWNER TO postgres;

--
-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;


--
-- Name: EXTENSION btree_gist; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';


--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- Name: EXTENSION citext; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';


--
-- Name: point3; Type: TYPE; Schema: billing; Owner: postgres
--

CREATE TYPE billing.point3 AS (
	x integer,
	y integer,
	z integer
);


ALTER TYPE billing.point3 OWNER TO postgres;

--
-- Name: floatrange; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.floatrange AS RANGE (
    subtype = double precision,
    multirange_type_name = public.floatmultirange
);


ALTER TYPE public.floatrange OWNER TO postgres;

--
-- Name: mood; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.mood AS ENUM (
    'sad',
    'ok',
    'happy',
    'great'
);


ALTER TYPE public.mood OWNER TO postgres;

--
-- Name: positive; Type: DOMAIN; Schema: public; Owner: postgres
--

CREATE DOMAIN public.positive AS integer NOT NULL DEFAULT 1
	CONSTRAINT positive_check CHECK ((VALUE > 0));


ALTER DOMAIN public.positive OWNER TO postgres;

--
-- Name: add_up(integer, integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.add_up(a integer, b integer DEFAULT 2) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $$SELECT a + b$$;


ALTER FUNCTION public.add_up(a integer, b integer) OWNER TO postgres;

--
-- Name: tidy(); Type: PROCEDURE; Schema: public; Owner: postgres
--

CREATE PROCEDURE public.tidy()
    LANGUAGE plpgsql
    AS $$ BEGIN DELETE FROM pg_temp.nothing; END $$;


ALTER PROCEDURE public.tidy() OWNER TO postgres;

--
-- Name: touch(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.changed_at := now();
  RETURN NEW;
END;
$$;


ALTER FUNCTION public.touch() OWNER TO postgres;

--
-- Name: total_of(integer); Type: AGGREGATE; Schema: public; Owner: postgres
--

CREATE AGGREGATE public.total_of(integer) (
    SFUNC = int4pl,
    STYPE = integer,
    INITCOND = '0'
);


ALTER AGGREGATE public.total_of(integer) OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: invoices; Type: TABLE; Schema: billing; Owner: postgres
--

CREATE TABLE billing.invoices (
    id integer NOT NULL,
    person_id bigint NOT NULL,
    issued date NOT NULL,
    amount numeric(10,2) NOT NULL,
    during tsrange,
    CONSTRAINT invoices_amount_check CHECK ((amount >= (0)::numeric))
);


ALTER TABLE billing.invoices OWNER TO postgres;

--
-- Name: animals; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.animals (
    id integer NOT NULL,
    name text
);


ALTER TABLE public.animals OWNER TO postgres;

--
-- Name: countries; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.countries (
    code character(2) NOT NULL,
    region integer
);


ALTER TABLE public.countries OWNER TO postgres;

--
-- Name: dogs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.dogs (
    breed text
)
INHERITS (public.animals);


ALTER TABLE public.dogs OWNER TO postgres;

--
-- Name: people; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.people (
    id bigint NOT NULL,
    legacy integer NOT NULL,
    email public.citext NOT NULL,
    name character varying(80) DEFAULT 'nobody'::character varying NOT NULL,
    feeling public.mood DEFAULT 'ok'::public.mood,
    height public.positive,
    full_name text GENERATED ALWAYS AS (upper((name)::text)) STORED,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    balance numeric(12,2) DEFAULT 0.00 NOT NULL,
    changed_at timestamp(3) with time zone DEFAULT now(),
    "Odd Name" integer,
    CONSTRAINT sane_height CHECK (((height)::integer < 300))
);
ALTER TABLE ONLY public.people ALTER COLUMN name SET STATISTICS 500;


ALTER TABLE public.people OWNER TO postgres;

--
-- Name: TABLE people; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON TABLE public.people IS 'who; -- and why';


--
-- Name: everybody; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.everybody AS
 SELECT people.id,
    people.legacy,
    people.email,
    people.name,
    people.feeling,
    people.height,
    people.full_name,
    people.tags,
    people.balance,
    people.changed_at,
    people."Odd Name"
   FROM public.people;


ALTER TABLE public.everybody OWNER TO postgres;

--
-- Name: measurements; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.measurements (
    device integer NOT NULL,
    at timestamp with time zone NOT NULL,
    value double precision
)
PARTITION BY RANGE (at);


ALTER TABLE public.measurements OWNER TO postgres;

--
-- Name: measurements_2024; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.measurements_2024 (
    device integer NOT NULL,
    at timestamp with time zone NOT NULL,
    value double precision
);


ALTER TABLE public.measurements_2024 OWNER TO postgres;

--
-- Name: measurements_rest; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.measurements_rest (
    device integer NOT NULL,
    at timestamp with time zone NOT NULL,
    value double precision
);


ALTER TABLE public.measurements_rest OWNER TO postgres;

--
-- Name: notes; Type: TABLE; Schema: public; Owner: postgres
--

CREATE UNLOGGED TABLE public.notes (
    a integer,
    b integer
);


ALTER TABLE public.notes OWNER TO postgres;

--
-- Name: people_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.people ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.people_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: people_legacy_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.people_legacy_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.people_legacy_seq OWNER TO postgres;

--
-- Name: people_legacy_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.people_legacy_seq OWNED BY public.people.legacy;


--
-- Name: rich; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.rich AS
 SELECT people.id,
    people.name,
    people.balance
   FROM public.people
  WHERE (people.balance > (1000)::numeric);


ALTER TABLE public.rich OWNER TO postgres;

--
-- Name: ticket_numbers; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.ticket_numbers
    START WITH 100
    INCREMENT BY 5
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.ticket_numbers OWNER TO postgres;

--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.totals AS
 SELECT invoices.person_id,
    sum(invoices.amount) AS total
   FROM billing.invoices
  GROUP BY invoices.person_id
  WITH NO DATA;


ALTER TABLE public.totals OWNER TO postgres;

--
-- Name: towns; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.towns (
    id integer NOT NULL,
    country character(2),
    title text,
    visited boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.towns REPLICA IDENTITY FULL;


ALTER TABLE public.towns OWNER TO postgres;

--
-- Name: towns_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.towns_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.towns_id_seq OWNER TO postgres;

--
-- Name: towns_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.towns_id_seq OWNED BY public.towns.id;


--
-- Name: words; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.words (
    w text COLLATE public.plain,
    v tsvector
);


ALTER TABLE public.words OWNER TO postgres;

--
-- Name: measurements_2024; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.measurements ATTACH PARTITION public.measurements_2024 FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');


--
-- Name: measurements_rest; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.measurements ATTACH PARTITION public.measurements_rest DEFAULT;


--
-- Name: people legacy; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.people ALTER COLUMN legacy SET DEFAULT nextval('public.people_legacy_seq'::regclass);


--
-- Name: towns id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.towns ALTER COLUMN id SET DEFAULT nextval('public.towns_id_seq'::regclass);


--
-- Name: invoices invoices_person_id_during_excl; Type: CONSTRAINT; Schema: billing; Owner: postgres
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_person_id_during_excl EXCLUDE USING gist (person_id WITH =, during WITH &&);


--
-- Name: invoices invoices_pkey; Type: CONSTRAINT; Schema: billing; Owner: postgres
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (id, issued);


--
-- Name: invoices late; Type: CHECK CONSTRAINT; Schema: billing; Owner: postgres
--

ALTER TABLE billing.invoices
    ADD CONSTRAINT late CHECK ((issued > '2000-01-01'::date)) NOT VALID;


--
-- Name: animals animals_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.animals
    ADD CONSTRAINT animals_pkey PRIMARY KEY (id);


--
-- Name: countries countries_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.countries
    ADD CONSTRAINT countries_pkey PRIMARY KEY (code);


--
-- Name: measurements measurements_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_pkey PRIMARY KEY (device, at);


--
-- Name: measurements_2024 measurements_2024_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.measurements_2024
    ADD CONSTRAINT measurements_2024_pkey PRIMARY KEY (device, at);


--
-- Name: measurements_rest measurements_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.measurements_rest
    ADD CONSTRAINT measurements_rest_pkey PRIMARY KEY (device, at);


--
-- Name: people people_email_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_email_key UNIQUE (email);


--
-- Name: people people_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE public.people CLUSTER ON people_pkey;


--
-- Name: towns towns_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.towns
    ADD CONSTRAINT towns_pkey PRIMARY KEY (id);


--
-- Name: measurements_device; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX measurements_device ON ONLY public.measurements USING btree (device);


--
-- Name: measurements_2024_device_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX measurements_2024_device_idx ON public.measurements_2024 USING btree (device);


--
-- Name: measurements_rest_device_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX measurements_rest_device_idx ON public.measurements_rest USING btree (device);


--
-- Name: people_name_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX people_name_id ON public.people USING btree (name DESC NULLS LAST, id) INCLUDE (balance);


--
-- Name: people_name_lower; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX people_name_lower ON public.people USING btree (lower((name)::text) text_pattern_ops) WHERE (feeling <> 'sad'::public.mood);


--
-- Name: people_tags; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX people_tags ON public.people USING gin (tags);


--
-- Name: totals_person; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX totals_person ON public.totals USING btree (person_id);


--
-- Name: measurements_2024_device_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.measurements_device ATTACH PARTITION public.measurements_2024_device_idx;


--
-- Name: measurements_2024_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.measurements_pkey ATTACH PARTITION public.measurements_2024_pkey;


--
-- Name: measurements_rest_device_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.measurements_device ATTACH PARTITION public.measurements_rest_device_idx;


--
-- Name: measurements_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.measurements_pkey ATTACH PARTITION public.measurements_rest_pkey;


--
-- Name: people_stats; Type: STATISTICS; Schema: public; Owner: postgres
--

CREATE STATISTICS public.people_stats (dependencies) ON name, balance FROM public.people;


ALTER STATISTICS public.people_stats OWNER TO postgres;

--
-- Name: notes no_scratch; Type: RULE; Schema: public; Owner: postgres
--

CREATE RULE no_scratch AS
    ON DELETE TO public.notes DO INSTEAD NOTHING;


--
-- Name: people people_touch; Type: TRIGGER; Schema: public; Owner: postgres
--

CREATE TRIGGER people_touch BEFORE UPDATE ON public.people FOR EACH ROW WHEN (((old.name)::text IS DISTINCT FROM (new.name)::text)) EXECUTE FUNCTION public.touch();


--
-- Name: invoices invoices_person_id_fkey; Type: FK CONSTRAINT; Schema: billing; Owner: postgres
--

ALTER TABLE ONLY billing.invoices
    ADD CONSTRAINT invoices_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;


--
-- Name: towns towns_country; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.towns
    ADD CONSTRAINT towns_country FOREIGN KEY (country) REFERENCES public.countries(code);


--
-- Name: people own_rows; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY own_rows ON public.people FOR SELECT USING ((email OPERATOR(public.=) (CURRENT_USER)::public.citext));


--
-- Name: people; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;

--
-- Name: outgoing; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION outgoing WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION outgoing OWNER TO postgres;

--
-- Name: outgoing invoices; Type: PUBLICATION TABLE; Schema: billing; Owner: postgres
--

ALTER PUBLICATION outgoing ADD TABLE ONLY billing.invoices;


--
-- Name: outgoing people; Type: PUBLICATION TABLE; Schema: public; Owner: postgres
--

ALTER PUBLICATION outgoing ADD TABLE ONLY public.people;


--
-- Name: TABLE people; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.people TO PUBLIC;


--
-- PostgreSQL database dump complete
--

\unrestrict Zw0bGxvY2tnYXRl

