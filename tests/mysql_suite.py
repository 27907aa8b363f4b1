#!/usr/bin/env python3
"""How much of MySQL's and MariaDB's own test suites Lockgate understands.

    python3 tests/mysql_suite.py [--show N] [--only REGEX] [--schema] [--keep FILE] ENGINE SERVER FOLDER

ENGINE is what Lockgate is told (`mariadb@10.11`), SERVER the address of a scratch server of that
version (`mysql://root@127.0.0.1:3306`), FOLDER the suite: the `mysql-test` folder of the Debian
packages `mariadb-test-data` and `mysql-testsuite`, or of a source tree.

The server says which statements of the suite are valid: each is prepared there, never executed,
and one that is not refused as a syntax error is valid. A statement is understood when `lockgate
facts` finds it as one statement at its place and has read it completely; one that it only
recognises as opaque is not.

Not part of the test run. Exits with 1 when less than 99.5 % of the DDL and utility statements are
understood. The client library (pymysql) is fetched with pip into target/mysql-suite.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import understood

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "target" / "mysql-suite"
WANTED = 0.995
CHUNK = 400
ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "("}
# Refused by the grammar: not SQL, nothing at all, clauses that exclude each other.
INVALID = {1064, 1065, 1149}
# Older servers fall over these, when their stack is small.
DEADLY = re.compile(r"(ExtractValue|UpdateXML)\s*\(.*\bREPEAT\s*\(", re.I | re.S)

# What mysqltest keeps for itself. `eval`, `send` and their like hand a statement on.
COMMANDS = set("""
    append_file assert cat_file change_user character_set chmod chmod_files close commit_conn connect connection
    copy_file copy_files_wildcard dec delimiter die diff_files dirty_close disable_abort_on_error
    disable_async_client disable_cursor_protocol disable_connect_log disable_info disable_metadata
    disable_non_blocking_api disable_parsing disable_prepare_warnings disable_ps2_protocol disable_ps_protocol
    disable_query_log disable_reconnect disable_result_log disable_rpl_parse disable_service_connection
    disable_session_track_info disable_testcase disable_view_protocol disable_warnings disconnect echo
    enable_abort_on_error enable_async_client enable_connect_log enable_cursor_protocol enable_info
    enable_metadata enable_non_blocking_api enable_parsing enable_prepare_warnings enable_ps2_protocol
    enable_ps_protocol enable_query_log enable_reconnect enable_result_log enable_rpl_parse
    enable_service_connection enable_session_track_info enable_testcase enable_view_protocol enable_warnings
    end end_timer error eval_print exec exec_in_background execw exit expr file_exists force-cpdir force-rmdir
    horizontal_results if inc let list_files list_files_append_file list_files_write_file lowercase_result mkdir
    move_file output perl ping query_attributes query_get_value quit real_sleep reap remove_file remove_files
    remove_files_wildcard replace_column replace_numeric_round replace_regex replace_result require
    reset_connection result result_format rmdir save_master_pos send_quit send_shutdown shutdown_server skip
    skip_if_hypergraph sleep sorted_result partially_sorted_result source start_timer sync_slave_with_master
    sync_with_master system timer tail_file vertical_results wait_for_slave_to_stop while write_file write_line
    optimizer_trace evalp_off
""".split())
HANDING_ON = {"eval", "evalp", "query", "query_vertical", "query_horizontal", "send", "send_eval"}
DOCUMENTS = {"perl", "write_file", "append_file"}


def statements(text):
    """Each statement of a .test file. Those built from variables of mysqltest are left out."""
    delimiter, at, skipping = ";", 0, False
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        newline = text.find("\n", at)
        line = text[at:len(text) if newline < 0 else newline]
        if line.startswith("#"):
            at += len(line)
            continue
        if line.startswith("--"):
            at += len(line)
            words = line[2:].split()
            word = words[0].lower() if words else ""
            if word == "delimiter" and len(words) > 1:
                delimiter = words[1]
            elif word in ("disable_parsing", "enable_parsing"):
                skipping = word == "disable_parsing"
            elif word in DOCUMENTS:
                at = behind_document(text, at, words)
            elif word in HANDING_ON and len(words) > 1 and not skipping and "$" not in line:
                yield line[2:].split(None, 1)[1].rstrip(delimiter)
            continue
        if line[0] in "{}":
            at += 1
            continue
        word = re.match(r"[A-Za-z_]*", line).group().lower()
        if word in ("while", "if") and (opening := re.compile(r"[^\n{]*\n?\s*\{").match(text, at)):
            at = opening.end()
            continue
        piece, at = until(text, at, delimiter)
        if word == "delimiter":
            delimiter = (piece.split()[1:] or [delimiter])[0]
        elif word in ("disable_parsing", "enable_parsing"):
            skipping = word == "disable_parsing"
        elif word in DOCUMENTS:
            at = behind_document(text, at, piece.split())
        elif skipping:
            continue
        elif word in HANDING_ON:
            piece = piece[len(word):].strip()
            if piece and "$" not in piece:
                yield piece
        elif word not in COMMANDS:
            yield piece


def behind_document(text, at, words):
    """Behind the lines that a command takes as they are, up to the word that ends them."""
    mark = words[-1] if len(words) > (1 if words[0].lower() == "perl" else 2) else "EOF"
    end = re.compile(r"^\s*" + re.escape(mark.rstrip(";")) + r"\s*$", re.M).search(text, at)
    return end.end() if end else len(text)


def until(text, at, delimiter):
    """The text up to the delimiter, outside of quotes, and where to go on."""
    start, quote = at, None
    while at < len(text):
        sign = text[at]
        if quote:
            if sign == "\\" and quote != "`":
                at += 1
            elif sign == quote:
                quote = None
        elif text.startswith(delimiter, at):
            return text[start:at], at + len(delimiter)
        elif sign in "'\"`":
            quote = sign
        elif sign == "\n" and text[at + 1:at + 2] == "#":
            at = text.find("\n", at + 1) - 1
            if at < 0:
                return text[start:], len(text)
        at += 1
    return text[start:], at


def suite(folder, only):
    """Every distinct statement with the file it stands in first."""
    seen = {}
    for path in sorted(pathlib.Path(folder).rglob("*.test")):
        if only and not re.search(only, str(path)):
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        for piece in statements(text):
            piece = without_comments(piece).strip()
            if piece and not DEADLY.search(piece) and "\ufffd" not in piece and "\0" not in piece:
                seen.setdefault(piece, path.name)
    return [(text, name) for text, name in seen.items()]


def without_comments(piece):
    """What stands before the first word would move the statement's line."""
    while True:
        piece = piece.lstrip()
        if re.match(r"#|--\s", piece):
            piece = piece.partition("\n")[2]
        elif piece.startswith("/*") and not re.match(r"/\*M?!", piece):
            piece = piece.partition("*/")[2]
        else:
            return piece


def valid(found, server):
    """Those that the server's grammar takes, by preparing each."""
    import pymysql

    url = urllib.parse.urlsplit(server)

    def connect():
        link = pymysql.connect(host=url.hostname, port=url.port or 3306, user=url.username or "root", password=url.password or "", charset="utf8mb4")
        with link.cursor() as cursor:
            cursor.execute("CREATE DATABASE IF NOT EXISTS lockgate_suite")
            cursor.execute("USE lockgate_suite")
        return link

    link = connect()
    for text, name in found:
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        try:
            with link.cursor() as cursor:
                cursor.execute(f"PREPARE lockgate FROM '{escaped}'")
        except pymysql.err.MySQLError as error:
            code = error.args[0] if error.args else 0
            if code in INVALID:
                continue
            if code in (0, 2006, 2013):
                print(f"the server did not answer to {text[:200]!r}", file=sys.stderr)
                link = connect()
                continue
        yield text, name


def kind(text):
    first = re.match(r"\(|[A-Za-z]*", text).group().upper()
    return first or "?"


def judge(number, found, binary, engine):
    """The statements of one chunk that are not understood, with what Lockgate says of them."""
    script, starts, line = [], [], 1
    for text, _ in found:
        # As people write it: what holds a semicolon stands between delimiters of its own.
        before, after = ("DELIMITER //LG//\n", "\n//LG//\nDELIMITER ;\n") if ";" in text else ("", "\n;\n")
        starts.append(line + before.count("\n"))
        script.append(before + text + after)
        line += script[-1].count("\n")
    path = CACHE / "read" / f"{number}.sql"
    path.write_text("".join(script))
    run = [binary, "facts", path, "--engine", engine, "--no-config", "--transaction", "none", "--format", "json"]
    done = subprocess.run(run, capture_output=True, text=True)
    if done.returncode != 0:
        return [(text, name, f"lockgate failed: {done.stderr[:500]}") for text, name in found]
    seen, stray = {}, []
    for statement in json.loads(done.stdout)["statements"]:
        opaque = any(change["kind"] == "opaque" for change in statement["changes"])
        seen.setdefault(statement["line"], []).append("opaque" if opaque else statement["understood"])
    lines = set(starts)
    answers = [" ".join(seen.get(start, ["completely"])) for start in starts]
    # A statement cut in two leaves a piece at a line where none begins.
    for at in (at for at in seen if at not in lines):
        before = max((index for index, start in enumerate(starts) if start <= at), default=0)
        answers[before] = "cut in pieces"
    return [(text, name, answer) for (text, name), answer in zip(found, answers) if answer != "completely"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--only", help="only files whose path matches")
    parser.add_argument("--binary", help="the lockgate to ask, when not this tree's")
    parser.add_argument("--schema", action="store_true", help="leave out queries, and statements that write rows")
    parser.add_argument("--keep", help="keep what the server said in this file, and take it from there when it is there")
    parser.add_argument("engine")
    parser.add_argument("server")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    binary = arguments.binary
    if binary is None:
        subprocess.run(["cargo", "build", "--quiet", "--no-default-features"], cwd=ROOT, check=True)
        binary = ROOT / "target" / "debug" / "lockgate"
    (CACHE / "read").mkdir(parents=True, exist_ok=True)
    kept = pathlib.Path(arguments.keep) if arguments.keep else None
    if kept and kept.exists():
        found = [tuple(one) for one in json.loads(kept.read_text())]
        print(f"{arguments.engine}: {len(found)} valid statements, as {kept} has them")
    else:
        everything = suite(arguments.folder, arguments.only)
        found = list(valid(everything, arguments.server))
        print(f"{arguments.engine}: {len(everything)} different statements, {len(found)} of them valid", flush=True)
        if kept:
            kept.write_text(json.dumps(found))
    if arguments.schema:
        found = [one for one in found if kind(one[0]) not in ROWS]
    chunks = [found[at:at + CHUNK] for at in range(0, len(found), CHUNK)]
    with ThreadPoolExecutor(2) as pool:
        asked = pool.map(lambda one: judge(*one, binary, arguments.engine), enumerate(chunks))
        missed = [each for wrong in asked for each in wrong]
    counts = {True: [0, 0], False: [0, 0]}
    for text, _ in found:
        counts[kind(text) in ROWS][1] += 1
    for text, _, _ in missed:
        counts[kind(text) in ROWS][0] += 1
    missed.sort(key=lambda one: kind(one[0]) in ROWS)
    for text, name, answer in missed[:arguments.show]:
        print(f"{name}: {answer}: {' '.join(text.split())[:200]}")
    sys.exit(understood.tell(counts, WANTED))


def prepare():
    """The client library in an environment of its own; runs this script there."""
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pymysql"], check=True)
    os.execv(python, [str(python), __file__, *sys.argv[1:]])


if __name__ == "__main__":
    try:
        import pymysql  # noqa: F401
    except ModuleNotFoundError:
        prepare()
    main()
