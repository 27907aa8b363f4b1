#!/usr/bin/env python3
"""How much of PostgreSQL's own regression suite Lockgate understands.

    python3 tests/regress.py [--show N] [FILE...]

PostgreSQL's grammar, as the `pglast` package has it (libpg_query), says which statements of the
suite are valid; the suite's SQL comes with that package's source. Everything is fetched with pip
into target/regress. A statement is understood when `lockgate facts` finds it as one statement at
its place and has read it completely; one that it only recognises as opaque is not.

Not part of the test run. Exits with 1 when less than 99.5 % of the DDL and utility statements are
understood.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

import understood

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "target" / "regress"
PACKAGE = "pglast==8.7"
ENGINE = "postgres@18"
WANTED = 0.995
ROWS = {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}


def prepare():
    """The referee in an environment of its own, the suite beside it; runs this script there."""
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
    if not list(CACHE.glob("*.tar.gz")):
        download = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", CACHE, PACKAGE]
        subprocess.run([python, "-m", "pip", *download], check=True)
    if not (CACHE / "sql").exists():
        (CACHE / "sql").mkdir()
        with tarfile.open(next(CACHE.glob("*.tar.gz"))) as archive:
            for member in archive:
                if re.search(r"/postgres_regress/[^/]+\.sql$", member.name):
                    (CACHE / "sql" / pathlib.Path(member.name).name).write_bytes(archive.extractfile(member).read())
    os.execv(python, [str(python), __file__, *sys.argv[1:]])


def without_client(text):
    """The text without what psql keeps for itself: its commands, the data behind COPY."""
    lines, data = [], False
    for line in text.split("\n"):
        if data:
            data = line.rstrip("\r") != "\\."
            continue
        bare = re.sub(r"\\(g|gset|gexec|gdesc|crosstabview|bind|parse|watch|startpipeline|endpipeline)\b.*$", ";", line)
        lines.append("" if bare.lstrip().startswith("\\") else bare)
        data = re.search(r"(?i)\bcopy\b.*\bfrom\s+stdin\b.*;\s*$", line) is not None
    return "\n".join(lines).replace("\\;", ";")


def statements(text):
    """Each valid statement with the kind PostgreSQL gives it."""
    import pglast

    at = 0
    while at < len(text):
        end = pglast_end(text, at)
        piece = text[at:end].strip().rstrip(";").strip()
        at = end
        if not piece:
            continue
        try:
            tree = pglast.parse_sql(piece)
        except Exception:
            continue
        if len(tree) == 1 and tree[0].stmt is not None:
            yield without_comments(piece), type(tree[0].stmt).__name__


TOKEN = re.compile(
    r"""--[^\n]*|/\*|\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[();]|\b(?:begin\s+atomic|case|end)\b""",
    re.I | re.S,
)


def pglast_end(text, at):
    """Where the statement that begins here ends, behind its semicolon."""
    depth = atomic = 0
    while match := TOKEN.search(text, at):
        found, at = match.group(), match.end()
        word = found.lower()
        if found == "/*":
            at = comment_end(text, at)
        elif found.startswith("$"):
            close = text.find(found, at)
            at = len(text) if close < 0 else close + len(found)
        elif found == "(":
            depth += 1
        elif found == ")":
            depth = max(0, depth - 1)
        elif word.startswith("begin"):
            atomic += 1
        elif word == "case" and atomic:
            atomic += 1
        elif word == "end" and atomic:
            atomic -= 1
        elif found == ";" and depth == 0 and atomic == 0:
            return at
    return len(text)


def comment_end(text, at):
    depth = 1
    while depth and (match := re.compile(r"/\*|\*/").search(text, at)):
        depth += 1 if match.group() == "/*" else -1
        at = match.end()
    return at if depth == 0 else len(text)


def without_comments(piece):
    """What stands before the first word would move the statement's line."""
    while True:
        piece = piece.lstrip()
        if piece.startswith("--"):
            piece = piece.partition("\n")[2]
        elif piece.startswith("/*"):
            piece = piece[comment_end(piece, 2):]
        else:
            return piece


def judge(name, found, binary):
    """The statements of one file that are not understood, with what Lockgate says of them."""
    script, starts, line = [], [], 1
    for text, _ in found:
        starts.append(line)
        script.append(text + "\n;\n")
        line += script[-1].count("\n")
    path = CACHE / "read" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(script))
    run = [binary, "facts", path, "--engine", ENGINE, "--no-config", "--transaction", "none", "--format", "json"]
    done = subprocess.run(run, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"lockgate facts {path}: {done.stderr}")
    seen = {}
    for statement in json.loads(done.stdout)["statements"]:
        opaque = any(change["kind"] == "opaque" for change in statement["changes"])
        seen.setdefault(statement["line"], []).append("opaque" if opaque else statement["understood"])
    lines = set(starts)
    stray = [at for at in seen if at not in lines]
    answers = [seen.get(start, ["not found"]) for start in starts]
    # A statement cut in two leaves a piece at a line where none begins.
    for at in stray:
        before = max((index for index, start in enumerate(starts) if start <= at), default=0)
        answers[before] = ["cut in pieces"]
    return [(text, kind, answer) for (text, kind), answer in zip(found, answers) if answer != ["completely"]]


def main():
    arguments = sys.argv[1:]
    show = 20
    if "--show" in arguments:
        at = arguments.index("--show")
        show = int(arguments[at + 1])
        del arguments[at:at + 2]
    subprocess.run(["cargo", "build", "--quiet", "--no-default-features"], cwd=ROOT, check=True)
    binary = ROOT / "target" / "debug" / "lockgate"
    files = [pathlib.Path(name) for name in arguments] or sorted((CACHE / "sql").glob("*.sql"))
    counts = {True: [0, 0], False: [0, 0]}
    missed = []
    for path in files:
        found = list(statements(without_client(path.read_text(encoding="utf-8", errors="replace"))))
        wrong = judge(path.name, found, binary)
        for _, kind in found:
            counts[kind in ROWS][1] += 1
        for text, kind, answer in wrong:
            counts[kind in ROWS][0] += 1
            missed.append((path.name, kind, answer, text))
    missed.sort(key=lambda one: one[1] in ROWS)
    for name, kind, answer, text in missed[:show]:
        print(f"{name}: {kind}: {' '.join(answer)}: {' '.join(text.split())[:160]}")
    sys.exit(understood.tell(counts, WANTED))


if __name__ == "__main__":
    if pathlib.Path(sys.prefix).resolve() == (CACHE / "venv").resolve():
        main()
    CACHE.mkdir(parents=True, exist_ok=True)
    prepare()
