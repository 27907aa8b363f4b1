-- Tables that several cases of clauses.jsonl use.

-- table wide
create table t (id int primary key, a int, b int not null default 0, v varchar(50) charset latin1, u varchar(63) charset utf8mb4, w varchar(100) charset utf8mb4, e enum('a','b') , s set('x','y'), d datetime, txt text, c char(10), n decimal(8,2), key ka(a), g int as (a+1) virtual, gs int as (a+2) stored) engine=innodb;
insert into t (id,a,b,v,u,w,e,s,d,txt,c,n) values (1,1,1,'v','u','w','a','x','2020-01-01','t','c',1),(2,2,2,'v2','u2','w2','b','y','2020-01-01','t','c',2);

-- table wide for mysql 5.6
create table t (id int primary key, a int, b int not null default 0, v varchar(50) charset latin1, u varchar(63) charset utf8mb4, w varchar(100) charset utf8mb4, e enum('a','b') , s set('x','y'), d datetime, txt text, c char(10), n decimal(8,2), key ka(a)) engine=innodb;
insert into t (id,a,b,v,u,w,e,s,d,txt,c,n) values (1,1,1,'v','u','w','a','x','2020-01-01','t','c',1),(2,2,2,'v2','u2','w2','b','y','2020-01-01','t','c',2);

-- table small
create table t (id int primary key,a int) engine=innodb;
insert into t values(1,1);

-- table small2
create table t (id int primary key,a int,b int) engine=innodb;
insert into t values(1,1,1);

-- table small3
create table t (id int primary key,a int) engine=innodb partition by hash(id) partitions 4;

-- table small4
create table t (id int primary key, a int, b int not null default 0, v varchar(50) charset latin1, d datetime, txt text, key ka(a)) engine=innodb;
insert into t values (1,1,1,'v','2020-01-01','x'),(2,2,2,'w','2020-01-01','y');
