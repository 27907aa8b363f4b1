//! The functions that MySQL and MariaDB bring, and how many arguments they take: asked of the servers
//! themselves (8.0 and 9.7; 10.5, 10.11 and 11.8), with those that older releases had.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, ObjectNamePart, visit_expressions};

use super::sqlite;
use crate::engine::{Engine, Target};

/// What a server says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::effect) enum Native {
    /// It is there, as far as can be told.
    Fits,
    /// It takes another number of arguments (error 1582).
    Miscounted,
    /// No release has it.
    Absent,
}

/// `name` in lower case; `arguments` where they can be counted.
pub(in crate::effect) fn native(name: &str, arguments: Option<usize>, target: Target) -> Native {
    let all = match target.engine {
        Engine::Mysql => MYSQL,
        Engine::Mariadb => MARIADB,
        Engine::Sqlite => return sqlite::native(name, arguments, target),
        Engine::Postgres => return Native::Fits,
    };
    let found = all.iter().flat_map(|line| line.split(' ')).find(|entry| entry.split(':').next() == Some(name));
    let Some(entry) = found else {
        // Plugins and components bring theirs.
        let loaded = LOADED.iter().any(|prefix| name.starts_with(prefix));
        return if loaded { Native::Fits } else { Native::Absent };
    };
    let (Some((least, most)), Some(given)) = (entry.split_once(':').and_then(|(_, range)| range.split_once('-')), arguments) else {
        return Native::Fits;
    };
    let too_few = least.parse().is_ok_and(|least: usize| given < least);
    let too_many = most.parse().is_ok_and(|most: usize| given > most);
    if too_few || too_many { Native::Miscounted } else { Native::Fits }
}

/// The plain names of the functions an expression calls.
pub(in crate::effect) fn called(tree: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    let _ = visit_expressions(tree, |part| {
        if let Expr::Function(function) = part
            && let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice()
        {
            found.push(name.value.to_lowercase());
        }
        ControlFlow::<()>::Continue(())
    });
    found
}

const LOADED: &[&str] = &[
    "asynchronous_",
    "audit_",
    "can_access_",
    "firewall_",
    "gen_",
    "get_dd",
    "group_replication_",
    "innodb_",
    "internal_",
    "keyring_",
    "mask_",
    "mysql_",
    "rewrite_",
    "service_",
    "set_firewall",
    "spider_",
    "st_",
    "sys_",
    "vec_",
    "version_tokens_",
    "vtoken_",
    "wsrep_",
];

const MYSQL: &[&str] = &[
    "abs:1-1 acos:1-1 adddate addtime:2-2 aes_decrypt:2-6 aes_encrypt:2-6 all and any any_value:1-1 area array as asbinary",
    "ascii asin:1-1 astext aswkb aswkt atan2:1-2 atan:1-2 avg benchmark:2-2 bin:1-1 bin_to_uuid:1-2 binary bit_and",
    "bit_count:1-1 bit_length:1-1 bit_or bit_xor buffer cast ceil:1-1 ceiling:1-1 centroid char char_length:1-1 character",
    "character_length:1-1 charset coalesce coercibility:1-1 collation column_add column_create column_get compress:1-1",
    "concat:1- concat_ws:2- connection_id:0-0 contains conv:3-3 convert convert_tz:3-3 convexhull cos:1-1 cot:1-1 count",
    "crc32:1-1 crosses cume_dist curdate current_date current_role:0-0 current_time current_timestamp current_user curtime",
    "database date date_add date_format:2-2 date_sub datediff:2-2 day dayname:1-1 dayofmonth:1-1 dayofweek:1-1 dayofyear:1-1",
    "decimal decode degrees:1-1 dense_rank des_decrypt des_encrypt dimension disjoint distance distinct distinctrow elt:2-",
    "encode encrypt endpoint envelope equals etag exists exp:1-1 export_set:3-5 exteriorring extract extractvalue:2-2",
    "field:2- find_in_set:2-2 first_value floor:1-1 format format_bytes:1-1 format_pico_time:1-1 found_rows:0-0",
    "from_base64:1-1 from_days:1-1 from_unixtime:1-2 from_vector geomcollection geomcollfromtext geomcollfromwkb",
    "geometrycollection geometrycollectionfromtext geometrycollectionfromwkb geometryfromtext geometryfromwkb geometryn",
    "geometrytype geomfromtext geomfromwkb get_format get_lock:2-2 glength greatest:2- group_concat grouping gtid_subset:2-2",
    "gtid_subtract:2-2 hex:1-1 high_priority hour icu_version:0-0 if ifnull:2-2 in inet6_aton:1-1 inet6_ntoa:1-1",
    "inet_aton:1-1 inet_ntoa:1-1 insert instr:2-2 interiorringn intersects interval is_free_lock:1-1 is_ipv4:1-1",
    "is_ipv4_compat:1-1 is_ipv4_mapped:1-1 is_ipv6:1-1 is_used_lock:1-1 is_uuid:1-1 isclosed isempty isnull:1-1 issimple",
    "json_append json_array json_array_append json_array_insert json_arrayagg json_contains:2-3 json_contains_path:3-",
    "json_depth:1-1 json_extract:2- json_insert json_keys:1-2 json_length:1-2 json_merge:2- json_merge_patch:2-",
    "json_merge_preserve:2- json_object json_objectagg json_overlaps:2-2 json_pretty:1-1 json_quote:1-1 json_remove:2-",
    "json_replace json_schema_valid:2-2 json_schema_validation_report:2-2 json_search:3- json_set json_storage_free:1-1",
    "json_storage_size:1-1 json_table json_type:1-1 json_unquote:1-1 json_valid:1-1 lag last_day:1-1 last_insert_id:0-1",
    "last_value lastval lcase:1-1 lead least:2- left length:1-1 linefromtext linefromwkb linestring linestringfromtext",
    "linestringfromwkb ln:1-1 load_file:1-1 localtime localtimestamp locate:2-3 log log10:1-1 log2:1-1 lower:1-1 lpad:3-3",
    "ltrim:1-1 make_set:2- makedate:2-2 maketime:3-3 master_pos_wait match max max mbrcontains:2-2 mbrcoveredby:2-2",
    "mbrcovers:2-2 mbrdisjoint:2-2 mbrequal mbrequals:2-2 mbrintersects:2-2 mbroverlaps:2-2 mbrtouches:2-2 mbrwithin:2-2 md5",
    "median member microsecond mid min minute mlinefromtext mlinefromwkb mod month monthname:1-1 mpointfromtext mpointfromwkb",
    "mpolyfromtext mpolyfromwkb multilinestring multilinestringfromtext multilinestringfromwkb multipoint multipointfromtext",
    "multipointfromwkb multipolygon multipolygonfromtext multipolygonfromwkb name_const nextval not now nth_value ntile",
    "nullif:2-2 numeric numgeometries numinteriorrings numpoints oct:1-1 octet_length:1-1 of old_password on or ord:1-1 over",
    "overlaps password percent_rank percentile_cont percentile_disc period_add:2-2 period_diff:2-2 pi:0-0 point pointfromtext",
    "pointfromwkb pointn polyfromtext polyfromwkb polygon polygonfromtext polygonfromwkb position pow:2-2 power:2-2",
    "ps_current_thread_id:0-0 ps_thread_id:1-1 quarter quote:1-1 radians:1-1 rand:0-1 random_bytes:1-1 rank regexp_instr:2-6",
    "regexp_like:2-3 regexp_replace:3-6 regexp_substr:2-5 release_all_locks:0-0 release_lock:1-1 repeat replace reverse right",
    "roles_graphml:0-0 round:1-2 row row_count row_number rpad:3-3 rtrim:1-1 schema sec_to_time:1-1 second session_user",
    "setval sha sha1 sha2:2-2 sign:1-1 sin:1-1 sleep:1-1 some soundex:1-1 source_pos_wait:2-4 space:1-1",
    "sql_thread_wait_after_gtids sqlcode sqrt:1-1 srid st_area:1-1 st_asbinary:1-2 st_asgeojson:1-3 st_astext:1-2",
    "st_aswkb:1-2 st_aswkt:1-2 st_buffer:2-5 st_buffer_strategy:1-2 st_centroid:1-1 st_collect st_contains:2-2",
    "st_convexhull:1-1 st_crosses:2-2 st_difference:2-2 st_dimension:1-1 st_disjoint:2-2 st_distance:2-3",
    "st_distance_sphere:2-3 st_endpoint:1-1 st_envelope:1-1 st_equals:2-2 st_exteriorring:1-1 st_frechetdistance:2-3",
    "st_geohash:2-3 st_geomcollfromtext:1-3 st_geomcollfromtxt:1-3 st_geomcollfromwkb:1-3 st_geometrycollectionfromtext:1-3",
    "st_geometrycollectionfromwkb:1-3 st_geometryfromtext:1-3 st_geometryfromwkb:1-3 st_geometryn:2-2 st_geometrytype:1-1",
    "st_geomfromgeojson:1-3 st_geomfromtext:1-3 st_geomfromwkb:1-3 st_hausdorffdistance:2-3 st_interiorringn:2-2",
    "st_intersection:2-2 st_intersects:2-2 st_isclosed:1-1 st_isempty:1-1 st_issimple:1-1 st_isvalid:1-1",
    "st_latfromgeohash:1-1 st_latitude:1-2 st_length:1-2 st_linefromtext:1-3 st_linefromwkb:1-3 st_lineinterpolatepoint:2-2",
    "st_lineinterpolatepoints:2-2 st_linestringfromtext:1-3 st_linestringfromwkb:1-3 st_longfromgeohash:1-1 st_longitude:1-2",
    "st_makeenvelope:2-2 st_mlinefromtext:1-3 st_mlinefromwkb:1-3 st_mpointfromtext:1-3 st_mpointfromwkb:1-3",
    "st_mpolyfromtext:1-3 st_mpolyfromwkb:1-3 st_multilinestringfromtext:1-3 st_multilinestringfromwkb:1-3",
    "st_multipointfromtext:1-3 st_multipointfromwkb:1-3 st_multipolygonfromtext:1-3 st_multipolygonfromwkb:1-3",
    "st_numgeometries:1-1 st_numinteriorring:1-1 st_numinteriorrings:1-1 st_numpoints:1-1 st_overlaps:2-2",
    "st_pointatdistance:2-2 st_pointfromgeohash:2-2 st_pointfromtext:1-3 st_pointfromwkb:1-3 st_pointn:2-2",
    "st_polyfromtext:1-3 st_polyfromwkb:1-3 st_polygonfromtext:1-3 st_polygonfromwkb:1-3 st_simplify:2-2 st_srid:1-2",
    "st_startpoint:1-1 st_swapxy:1-1 st_symdifference:2-2 st_touches:2-2 st_transform:2-2 st_union:2-2 st_validate:1-1",
    "st_within:2-2 st_x:1-2 st_y:1-2 startpoint statement_digest:1-1 statement_digest_text:1-1 std stddev stddev_pop",
    "stddev_samp str_to_date:2-2 straight_join strcmp:2-2 string_to_vector subdate substr substring substring_index:3-3",
    "subtime:2-2 sum sysdate system_user tan:1-1 time time_format:2-2 time_to_sec:1-1 timediff:2-2 timestamp timestampadd",
    "timestampdiff to_base64:1-1 to_days:1-1 to_seconds:1-1 to_vector touches trim truncate ucase:1-1 uncompress:1-1",
    "uncompressed_length:1-1 unhex:1-1 unix_timestamp:0-1 updatexml:3-3 upper:1-1 user using utc_date utc_time utc_timestamp",
    "uuid:0-0 uuid_short:0-0 uuid_to_bin:1-2 validate_password_strength:1-1 values var_pop var_samp varbinary varchar",
    "variance vector_dim vector_to_string version:0-0 wait_for_executed_gtid_set:1-2 wait_until_sql_thread_after_gtids week",
    "weekday:1-1 weekofyear:1-1 weight_string within x y year yearweek:1-2",
];

const MARIADB: &[&str] = &[
    "abs:1-1 account acos:1-1 add_months adddate addtime:2-2 aes_decrypt aes_encrypt after against all always and any",
    "area:1-1 array as asbinary:1-1 ascii asin:1-1 astext:1-1 aswkb:1-1 aswkt:1-1 at atan2:1-2 atan:1-2 atomic authors auto",
    "auto_increment autoextend_size avg avg_row_length benchmark:2-2 bin:1-1 binary binlog_gtid_pos bit_and bit_count:1-1",
    "bit_length:1-1 bit_or bit_xor block boundary:1-1 buffer:2-2 cascaded cast catalog_name ceil:1-1 ceiling:1-1 centroid:1-1",
    "channel char char_length:1-1 character character_length:1-1 charset chr:1-1 cipher class_origin client coalesce",
    "coercibility:1-1 collation column_add column_check column_create column_delete column_exists:2-2 column_get",
    "column_json:1-1 column_list:1-1 column_name committed compact compress:1-1 concat:1- concat_operator_oracle:1-",
    "concat_ws:2- connection_id:0-0 consistent contains:2-2 context contributors conv:3-3 convert convert_tz:3-3",
    "convexhull:1-1 cos:1-1 cot:1-1 count cpu crc32 crc32c crosses:2-2 cume_dist curdate current_date current_pos",
    "current_role current_time current_timestamp current_user cursor_name curtime cycle data database datafile date date_add",
    "date_format date_sub datediff:2-2 day dayname:1-1 dayofmonth:1-1 dayofweek:1-1 dayofyear:1-1 decimal decode:2-2",
    "decode_histogram:2-2 decode_oracle:3- definer degrees:1-1 delay_key_write dense_rank des_decrypt:1-2 des_encrypt:1-2",
    "des_key_file dimension:1-1 disable discard disjoint:2-2 disk distance distinct distinctrow dumpfile duplicate dynamic",
    "elsif elt:2- empty enable encode:2-2 encrypt:1-2 endpoint:1-1 ends engine engines envelope:1-1 equals:2-2 error errors",
    "escape event every exchange exists exp:1-1 expansion export export_set:3-5 extended extent_size exteriorring:1-1 extract",
    "extractvalue:2-2 fast faults federated field:2- file find_in_set:2-2 first first_value floor:1-1 format format_bytes",
    "format_pico_time found_rows:0-0 from_base64:1-1 from_days:1-1 from_unixtime:1-2 geomcollfromtext:1-2 geomcollfromwkb:1-2",
    "geometrycollectionfromtext:1-2 geometrycollectionfromwkb:1-2 geometryfromtext:1-2 geometryfromwkb:1-2 geometryn:2-2",
    "geometrytype:1-1 geomfromtext:1-2 geomfromwkb:1-2 get_format get_lock:2-2 glength:1-1 goto greatest:2- group_concat hard",
    "hash hex:1-1 high_priority hosts hour identified if ifnull:2-2 import in increment inet6_aton:1-1 inet6_ntoa:1-1",
    "inet_aton:1-1 inet_ntoa:1-1 initial_size insert insert_method instr:2-2 interiorringn:2-2 intersects:2-2 interval",
    "invoker io io_thread ipc is_free_lock:1-1 is_ipv4:1-1 is_ipv4_compat:1-1 is_ipv4_mapped:1-1 is_ipv6:1-1 is_used_lock:1-1",
    "isclosed:1-1 isempty:1-1 isnull:1-1 isolation isring:1-1 issimple:1-1 issuer json_append json_array json_array_append",
    "json_array_insert json_array_intersect json_arrayagg json_compact:1-1 json_contains:2-3 json_contains_path:3-",
    "json_depth:1-1 json_detailed:1-2 json_equals json_exists:2-2 json_extract:2- json_insert json_key_value json_keys:1-2",
    "json_length:1-2 json_loose:1-1 json_merge:2- json_merge_patch:2- json_merge_preserve:2- json_normalize json_object",
    "json_object_filter_keys json_object_to_array json_objectagg json_overlaps json_pretty:1-2 json_query:2-2 json_quote:1-1",
    "json_remove:2- json_replace json_schema_valid json_search:3- json_set json_table json_type:1-1 json_unquote:1-1",
    "json_valid:1-1 json_value:2-2 kdf lag last last_day:1-1 last_insert_id:0-1 last_value lastval lcase:1-1 lead least:2-",
    "leaves left length:1-1 lengthb:1-1 level linefromtext:1-2 linefromwkb:1-2 linestring linestringfromtext:1-2",
    "linestringfromwkb:1-2 list ln:1-1 load_file:1-1 localtime localtimestamp locate:2-3 locks log10:1-1 log2:1-1 log:1-2",
    "lower:1-1 lpad:2-3 lpad_oracle:2-3 ltrim:1-1 ltrim_oracle:1-1 make_set:2- makedate:2-2 maketime:3-3 master_gtid_wait",
    "master_pos_wait match max max mbrcontains:2-2 mbrdisjoint:2-2 mbrequal:2-2 mbrequals:2-2 mbrintersects:2-2",
    "mbroverlaps:2-2 mbrtouches:2-2 mbrwithin:2-2 md5:1-1 median member merge message_text microsecond mid migrate min",
    "min_rows minus minute minvalue mlinefromtext:1-2 mlinefromwkb:1-2 mod modify month monthname:1-1 mpointfromtext:1-2",
    "mpointfromwkb:1-2 mpolyfromtext:1-2 mpolyfromwkb:1-2 multilinestringfromtext:1-2 multilinestringfromwkb:1-2",
    "multipointfromtext:1-2 multipointfromwkb:1-2 multipolygonfromtext:1-2 multipolygonfromwkb:1-2 mutex mysql mysql_errno",
    "name name_const:2-2 natural_sort_key nested next nextval no_wait nocache nocycle nodegroup nomaxvalue nominvalue none",
    "not now nowait nth_value ntile nullif:2-2 numeric numgeometries:1-1 numinteriorrings:1-1 numpoints:1-1 nvl2:3-3 nvl:2-2",
    "oct:1-1 octet_length:1-1 of old_password on one online or ord:1-1 over overlaps:2-2 pack_keys package page partial",
    "partitioning partitions password path percent_rank percentile_cont percentile_disc period_add:2-2 period_diff:2-2 pi:0-0",
    "point pointfromtext:1-2 pointfromwkb:1-2 pointn:2-2 pointonsurface:1-1 polyfromtext:1-2 polyfromwkb:1-2 polygon",
    "polygonfromtext:1-2 polygonfromwkb:1-2 position pow:2-2 power:2-2 preserve prev previous privileges process processlist",
    "profile profiles proxy quarter query quick quote:1-1 radians:1-1 raise rand:0-1 random_bytes rank redo_buffer_size",
    "redofile redundant regexp_instr:2-2 regexp_replace:3-3 regexp_substr:2-2 relay relay_log_file relay_log_pos relay_thread",
    "relaylog release_all_locks:0-0 release_lock:1-1 reload reorganize repeat repeatable replace replace_oracle:3-3 replay",
    "replica_pos replication restart resume returned_sqlstate returns reuse reverse right rollup round:1-2 routine row",
    "row_count row_format row_number rownum rpad:2-3 rpad_oracle:2-3 rtree rtrim:1-1 rtrim_oracle:1-1 schedule schema",
    "schema_name sec_to_time:1-1 second serializable session_user setval sformat sha1:1-1 sha2:2-2 sha:1-1 sign:1-1 simple",
    "sin:1-1 skip slave_pos sleep:1-1 slow soft some soundex:1-1 source space:1-1 sql_thread_wait_after_gtids sqlcode",
    "sqrt:1-1 srid:1-1 st_area:1-1 st_asbinary:1-1 st_asgeojson:1-3 st_astext:1-1 st_aswkb:1-1 st_aswkt:1-1 st_boundary:1-1",
    "st_buffer:2-2 st_centroid:1-1 st_contains:2-2 st_convexhull:1-1 st_crosses:2-2 st_difference:2-2 st_dimension:1-1",
    "st_disjoint:2-2 st_distance:2-2 st_distance_sphere:2- st_endpoint:1-1 st_envelope:1-1 st_equals:2-2 st_exteriorring:1-1",
    "st_geomcollfromtext:1-2 st_geomcollfromwkb:1-2 st_geometrycollectionfromtext:1-2 st_geometrycollectionfromwkb:1-2",
    "st_geometryfromtext:1-2 st_geometryfromwkb:1-2 st_geometryn:2-2 st_geometrytype:1-1 st_geomfromgeojson:1-3",
    "st_geomfromtext:1-2 st_geomfromwkb:1-2 st_interiorringn:2-2 st_intersection:2-2 st_intersects:2-2 st_isclosed:1-1",
    "st_isempty:1-1 st_isring:1-1 st_issimple:1-1 st_length:1-1 st_linefromtext:1-2 st_linefromwkb:1-2",
    "st_linestringfromtext:1-2 st_linestringfromwkb:1-2 st_mlinefromtext:1-2 st_mlinefromwkb:1-2 st_mpointfromtext:1-2",
    "st_mpointfromwkb:1-2 st_mpolyfromtext:1-2 st_mpolyfromwkb:1-2 st_multilinestringfromtext:1-2",
    "st_multilinestringfromwkb:1-2 st_multipointfromtext:1-2 st_multipointfromwkb:1-2 st_multipolygonfromtext:1-2",
    "st_multipolygonfromwkb:1-2 st_numgeometries:1-1 st_numinteriorrings:1-1 st_numpoints:1-1 st_overlaps:2-2",
    "st_pointfromtext:1-2 st_pointfromwkb:1-2 st_pointn:2-2 st_pointonsurface:1-1 st_polyfromtext:1-2 st_polyfromwkb:1-2",
    "st_polygonfromtext:1-2 st_polygonfromwkb:1-2 st_relate:3-3 st_srid:1-1 st_startpoint:1-1 st_symdifference:2-2",
    "st_touches:2-2 st_union:2-2 st_within:2-2 st_x:1-1 st_y:1-1 stage startpoint:1-1 starts statement status std stddev",
    "stddev_pop stddev_samp storage str_to_date:2-2 straight_join strcmp:2-2 string subclass_origin subdate subject",
    "subpartition subpartitions substr substr_oracle:2-3 substring substring_index:3-3 subtime:2-2 sum super suspend swaps",
    "switches sys_guid sysdate system system_time system_user table_checksum table_name tan:1-1 temporary temptable time",
    "time_format:2-2 time_to_sec:1-1 timediff:2-2 timestamp timestampadd timestampdiff to_base64:1-1 to_char to_days:1-1",
    "to_seconds:1-1 touches:2-2 transactional triggers trim trim_oracle truncate type ucase:1-1 uncompress:1-1",
    "uncompressed_length:1-1 undo_buffer_size undofile unhex:1-1 unix_timestamp:0-1 unknown until updatexml:3-3 upper:1-1",
    "use_frm user user_resources using utc_date utc_time utc_timestamp uuid:0-0 uuid_short:0-0 uuid_v4 uuid_v7 values var_pop",
    "var_samp varbinary varchar variance vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext",
    "version:0-0 via view wait warnings week weekday:1-1 weekofyear:1-1 weight_string within:2-2 without x:1-1 xml y:1-1 year",
    "yearweek:1-2",
];

#[cfg(test)]
mod tests {
    use super::{Native, native};

    #[test]
    fn calls_are_counted() {
        for (name, arguments, expected) in [
            ("abs", 1, Native::Fits),
            ("abs", 2, Native::Miscounted),
            ("concat", 20, Native::Fits),
            ("concat", 0, Native::Miscounted),
            ("if", 1, Native::Fits),
            ("nothing_of_the_kind", 1, Native::Absent),
        ] {
            assert_eq!(native(name, Some(arguments), "mysql@8.0".parse().unwrap()), expected, "{name}({arguments})");
            assert_eq!(native(name, Some(arguments), "mariadb@10.11".parse().unwrap()), expected, "{name}({arguments})");
        }
    }
}
