//! Engines that have had a piece of syntax always, for [`crate::sql::Cursor::needs`].

use crate::engine::Engine;
use crate::sql::Since;

pub(super) const POSTGRES: Since = Since(Engine::Postgres, 0, 0, 0);
pub(super) const MYSQL: Since = Since(Engine::Mysql, 0, 0, 0);
pub(super) const MARIADB: Since = Since(Engine::Mariadb, 0, 0, 0);
pub(super) const SQLITE: Since = Since(Engine::Sqlite, 0, 0, 0);
