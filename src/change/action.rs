//! The typed changes.

use super::column::{ColumnDef, DefaultValue, Identity, Place};
use super::constraint::{ConstraintDef, ConstraintKind, Deferral};
use super::index::{CreateIndex, DropIndex, Reindex};
use super::name::{Ident, ObjectName};
use super::object::{
    CreateDomain, CreateEnum, CreatePolicy, CreateRule, CreateSequence, CreateTrigger, CreateView, DomainChange, EnumValuePlace,
    ObjectKind, SequenceNumbers,
};
use super::routine::{Call, CreateRoutine};
use super::rows::{CopyRows, DeleteRows, InsertRows, UpdateRows};
use super::session::{LockTables, Pragma, SetVariable};
use super::table::{CreateTable, PartitionAction, PartitionBound, TableOption, TriggerScope, TriggerState};
use super::types::{DataType, Expression};
use crate::source::Span;

/// One action on at most one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The clause that asks for it: an action of ALTER TABLE, else the statement.
    pub span: Span,
    /// The table (or view, index owner) it works on; `None` for session statements and the like.
    pub table: Option<ObjectName>,
    pub action: Action,
    /// Inside a DO block, a routine the migration calls, or under IF: it may not be executed.
    pub conditional: bool,
    /// PostgreSQL: what its expressions call, for the rows it writes or reads.
    pub computed: Vec<Call>,
    /// The called routine in whose body it stands.
    pub within: Option<Box<Within>>,
}

/// A routine that is being run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Its name as shown.
    pub routine: String,
    /// The clause of the migration that calls it, or calls what calls it.
    pub call: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    // -- tables
    CreateTable(Box<CreateTable>),
    DropTable {
        if_exists: bool,
        cascade: bool,
        temporary: bool,
        foreign: bool,
        siblings: u32,
    },
    RenameTable {
        to: ObjectName,
    },
    SetSchema {
        to: Ident,
    },
    // -- columns
    AddColumn {
        column: Box<ColumnDef>,
        if_not_exists: bool,
        place: Option<Place>,
    },
    DropColumn {
        column: Ident,
        if_exists: bool,
        cascade: bool,
    },
    RenameColumn {
        from: Ident,
        to: Ident,
        if_exists: bool,
    },
    /// PostgreSQL `ALTER COLUMN c TYPE`.
    SetType {
        column: Ident,
        data_type: DataType,
        using: Option<Expression>,
    },
    /// MySQL and MariaDB MODIFY (`column` = new name) and CHANGE (old name, new definition).
    ModifyColumn {
        column: Ident,
        definition: Box<ColumnDef>,
        place: Option<Place>,
        if_exists: bool,
    },
    SetDefault {
        column: Ident,
        default: DefaultValue,
    },
    DropDefault {
        column: Ident,
    },
    SetNotNull {
        column: Ident,
    },
    DropNotNull {
        column: Ident,
    },
    SetExpression {
        column: Ident,
        expression: Expression,
    },
    DropExpression {
        column: Ident,
        if_exists: bool,
    },
    AddIdentity {
        column: Ident,
        identity: Identity,
    },
    AlterIdentity {
        column: Ident,
    },
    DropIdentity {
        column: Ident,
        if_exists: bool,
    },
    /// SET STATISTICS, STORAGE, COMPRESSION, (attribute options), VISIBLE/INVISIBLE.
    SetColumnAttribute {
        column: Ident,
        attribute: String,
        value: String,
    },
    // -- constraints
    AddConstraint(Box<ConstraintDef>),
    /// `kind` when the syntax tells: DROP PRIMARY KEY, DROP FOREIGN KEY, DROP CHECK.
    DropConstraint {
        name: Option<Ident>,
        kind: Option<ConstraintKind>,
        if_exists: bool,
        cascade: bool,
    },
    ValidateConstraint {
        name: Ident,
    },
    RenameConstraint {
        from: Ident,
        to: Ident,
    },
    /// PostgreSQL ALTER CONSTRAINT, MySQL ALTER CHECK … [NOT] ENFORCED.
    AlterConstraint {
        name: Ident,
        enforced: Option<bool>,
        deferral: Option<Deferral>,
        inherit: Option<bool>,
    },
    // -- indexes
    CreateIndex(Box<CreateIndex>),
    DropIndex(DropIndex),
    Reindex(Reindex),
    /// `from` may be the index (PostgreSQL ALTER INDEX) or a key of the table (MySQL RENAME INDEX).
    RenameIndex {
        from: ObjectName,
        to: Ident,
        if_exists: bool,
    },
    /// MySQL ALTER INDEX VISIBLE, MariaDB IGNORED.
    SetIndexVisibility {
        index: Ident,
        visible: bool,
    },
    /// PostgreSQL ALTER INDEX parent ATTACH PARTITION child.
    AttachIndexPartition {
        index: ObjectName,
        child: ObjectName,
    },
    /// ALTER INDEX SET (…), SET TABLESPACE, ALTER COLUMN SET STATISTICS.
    AlterIndex {
        index: ObjectName,
        attribute: String,
        value: String,
        if_exists: bool,
    },
    // -- partitions and inheritance
    AttachPartition {
        partition: ObjectName,
        bound: PartitionBound,
    },
    DetachPartition {
        partition: ObjectName,
        concurrently: Option<Span>,
        finalize: bool,
    },
    Partition(PartitionAction),
    Inherit {
        parent: ObjectName,
    },
    NoInherit {
        parent: ObjectName,
    },
    OfType {
        type_name: Option<ObjectName>,
    },
    // -- table properties
    ReplicaIdentity {
        value: String,
    },
    RowSecurity {
        enable: Option<bool>,
        force: Option<bool>,
    },
    SetTriggerState {
        trigger: TriggerScope,
        state: TriggerState,
    },
    SetRuleState {
        rule: Ident,
        state: TriggerState,
    },
    ClusterOn {
        index: Option<Ident>,
    },
    SetLogged {
        logged: bool,
    },
    SetTablespace {
        tablespace: Ident,
    },
    SetAccessMethod {
        method: Option<Ident>,
    },
    /// PostgreSQL SET (…) / RESET (…).
    SetStorageParameters {
        options: Vec<TableOption>,
        reset: bool,
    },
    Owner {
        kind: ObjectKind,
        to: String,
    },
    /// MySQL and MariaDB table options in ALTER TABLE.
    TableOptions(Vec<TableOption>),
    ConvertCharset {
        charset: String,
        collation: Option<String>,
    },
    /// `FORCE`.
    ForceRebuild,
    OrderBy,
    /// MySQL ENABLE / DISABLE KEYS.
    Keys {
        enable: bool,
    },
    TablespaceFile {
        import: bool,
    },
    /// MariaDB ADD / DROP SYSTEM VERSIONING, ADD / DROP PERIOD.
    SystemVersioning {
        add: bool,
    },
    /// MariaDB ADD / DROP PERIOD FOR name; without a name SYSTEM_TIME.
    Period {
        add: bool,
        name: Option<Ident>,
        tolerant: bool,
    },
    // -- other objects
    CreateView(Box<CreateView>),
    RefreshView {
        concurrently: Option<Span>,
        with_no_data: bool,
    },
    CreateSequence(Box<CreateSequence>),
    AlterSequence {
        name: ObjectName,
        owned_by: Option<(ObjectName, Ident)>,
        if_exists: bool,
        restarts: bool,
        data_type: Option<DataType>,
        numbers: Box<SequenceNumbers>,
    },
    CreateEnum(CreateEnum),
    AddEnumValue {
        name: ObjectName,
        value: String,
        if_not_exists: bool,
        place: Option<EnumValuePlace>,
    },
    RenameEnumValue {
        name: ObjectName,
        from: String,
        to: String,
    },
    /// Composite, range, base and shell types.
    CreateType {
        name: ObjectName,
        /// Of a composite type; range and base types have none.
        attributes: Option<Vec<ColumnDef>>,
    },
    AlterTypeAttribute {
        name: ObjectName,
        attribute: Ident,
        what: String,
        /// The type an attribute gets.
        data_type: Option<DataType>,
        /// RENAME ATTRIBUTE … TO.
        to: Option<Ident>,
        if_exists: bool,
        cascade: bool,
    },
    CreateDomain(Box<CreateDomain>),
    AlterDomain {
        name: ObjectName,
        change: DomainChange,
    },
    CreateRoutine(Box<CreateRoutine>),
    CallRoutine(Call),
    CreateTrigger(Box<CreateTrigger>),
    CreateRule(CreateRule),
    CreatePolicy(CreatePolicy),
    AlterPolicy {
        name: Ident,
    },
    CreateSchema {
        name: Option<Ident>,
        if_not_exists: bool,
    },
    CreateExtension {
        name: Ident,
        if_not_exists: bool,
        schema: Option<Ident>,
        cascade: bool,
    },
    /// Everything else that is created by kind and name.
    CreateObject {
        kind: ObjectKind,
        name: ObjectName,
        or_replace: bool,
        if_not_exists: bool,
        /// Of a publication: the columns of the table that its list and its WHERE name.
        columns: Vec<Ident>,
    },
    /// DROP of anything but tables and indexes: one change per name. `table` of the change is set
    /// for triggers, rules, policies and views.
    DropObject {
        kind: ObjectKind,
        name: ObjectName,
        /// Of a routine, where they are written: how many arguments it has.
        arguments: Option<u32>,
        /// Their types, where nothing but types is written.
        types: Option<Vec<DataType>>,
        if_exists: bool,
        cascade: bool,
    },
    RenameObject {
        kind: ObjectKind,
        name: ObjectName,
        to: ObjectName,
        if_exists: bool,
    },
    SetObjectSchema {
        kind: ObjectKind,
        name: ObjectName,
        to: Ident,
    },
    /// ALTER of anything else; `what` in lower case (`set default`, `set schema`, `options`).
    AlterObject {
        kind: ObjectKind,
        name: ObjectName,
        what: String,
        /// As in CREATE.
        columns: Vec<Ident>,
    },
    Comment {
        kind: ObjectKind,
        name: ObjectName,
    },
    /// GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, REASSIGN OWNED.
    Privileges {
        /// Columns that the privileges are limited to.
        columns: Vec<Ident>,
        revoke: bool,
        tables: Vec<ObjectName>,
        /// PostgreSQL: schemas, types and routines that are named.
        objects: Vec<(ObjectKind, ObjectName)>,
    },
    // -- rows
    Insert(Box<InsertRows>),
    Update(Box<UpdateRows>),
    Delete(Box<DeleteRows>),
    /// One change per table.
    Truncate {
        cascade: bool,
        restart_identity: bool,
        only: bool,
        siblings: u32,
    },
    Copy(CopyRows),
    /// MERGE: the target is `table`.
    Merge {
        reads: Vec<ObjectName>,
        /// Some WHEN inserts or updates rows.
        writes: bool,
        /// Some WHEN deletes rows.
        deletes: bool,
    },
    /// SELECT, TABLE, VALUES, WITH: tables read, functions called (lower case), FOR UPDATE or SHARE.
    Select {
        reads: Vec<ObjectName>,
        calls: Vec<Call>,
        locks_rows: bool,
    },
    // -- transactions and session
    Begin {
        read_only: bool,
        immediate: bool,
    },
    Commit {
        chain: bool,
    },
    Rollback {
        chain: bool,
    },
    Savepoint {
        name: Ident,
    },
    ReleaseSavepoint {
        name: Ident,
    },
    RollbackToSavepoint {
        name: Ident,
    },
    SetVariable(SetVariable),
    Pragma(Pragma),
    LockTables(LockTables),
    UnlockTables,
    /// MySQL USE.
    UseDatabase {
        name: Ident,
    },
    SetConstraints {
        deferred: bool,
    },
    // -- maintenance
    /// One change per table; `table` is `None` for the whole database. `into` is SQLite's VACUUM INTO.
    Vacuum {
        full: bool,
        analyze: bool,
        into: bool,
    },
    Analyze {
        /// PostgreSQL: only these columns.
        columns: Vec<Ident>,
    },
    /// CLUSTER, and PostgreSQL 19's REPACK, which alone can work concurrently.
    Cluster {
        index: Option<Ident>,
        concurrently: Option<Span>,
    },
    /// MySQL OPTIMIZE TABLE.
    Optimize,
    /// MySQL CHECK TABLE, CHECKSUM TABLE.
    CheckTable,
    RepairTable,
    /// FLUSH TABLES; `read_lock` for WITH READ LOCK.
    Flush {
        read_lock: bool,
    },
    Checkpoint,
    AlterSystem {
        name: String,
    },
    /// SQLite ATTACH / DETACH.
    AttachDatabase {
        attach: bool,
    },
    // -- the rest
    /// DO block, anonymous procedure: its own statements follow as conditional changes.
    Block {
        language: String,
    },
    /// EXECUTE of a string that is not constant.
    DynamicSql {
        text: Option<String>,
    },
    /// PostgreSQL's EXPLAIN without ANALYZE: these are planned and not run.
    Explain {
        planned: Vec<Change>,
    },
    /// Recognised and without effect on schema, locks or data: SHOW, NOTIFY, psql's `\echo`.
    Nothing,
    /// Not understood; what could still be told. Words in upper case.
    Opaque {
        words: Vec<String>,
        name: Option<ObjectName>,
    },
}
