use proptest::prelude::*;

use super::*;

fn pieces(text: &str, target: &str) -> Vec<String> {
    split(text, target.parse().unwrap()).pieces.iter().map(|piece| piece.span.slice(text).to_owned()).collect()
}

fn words(text: &str, target: &str) -> Vec<String> {
    let split = split(text, target.parse().unwrap());
    split.pieces.iter().flat_map(|piece| &piece.tokens).map(|token| token.span.slice(text).to_owned()).collect()
}

#[test]
fn quotes_and_comments_hide_delimiters() {
    let text = "SELECT ';', \"a;b\", $x$;$$;$x$, E'\\';' -- ;\n/* ; /* ; */ */; SELECT 2";
    assert_eq!(pieces(text, "postgres").len(), 2);
    assert_eq!(pieces("SELECT 'a\\';', `b;`, 5--1 # ;\n; SELECT 2", "mysql").len(), 2);
    assert_eq!(pieces("SELECT [a;b], ';' ; .tables\nSELECT 2", "sqlite"), ["SELECT [a;b], ';'", "SELECT 2"]);
    assert_eq!(pieces(".tables\nSELECT 2", "sqlite"), ["SELECT 2"]);
}

#[test]
fn bodies_hold_their_delimiters() {
    let atomic = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; SELECT 3";
    assert_eq!(pieces(atomic, "postgres").len(), 2);
    assert_eq!(pieces("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", "postgres").len(), 2);
    let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END; SELECT 1";
    assert_eq!(pieces(trigger, "sqlite").len(), 2);
    let procedure = "CREATE DEFINER=`a`@`b` PROCEDURE p(IN x int)\nl: BEGIN\n DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END;
        IF IF(a, b, c) THEN SELECT 1; ELSEIF x THEN SELECT 2; END IF;
        CASE x WHEN 1 THEN IF y THEN SELECT 1; END IF; ELSE SELECT CASE WHEN a THEN IF(b, 1, 2) END; END CASE;
        WHILE a DO SET a = REPEAT('x', 3); END WHILE; REPEAT SET a = 1; UNTIL a END REPEAT; m: LOOP LEAVE m; END LOOP;
        END; SELECT 3";
    assert_eq!(pieces(procedure, "mysql").len(), 2);
    assert_eq!(pieces("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.x THEN SET NEW.y = 1; END IF; SELECT 3", "mysql").len(), 2);
    assert_eq!(pieces("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.y = 1; SELECT 3", "mysql").len(), 2);
    assert_eq!(pieces("BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3", "mariadb").len(), 2);
    assert_eq!(pieces("BEGIN; SELECT 1; END; SELECT 3", "mysql").len(), 4);
}

#[test]
fn client_commands_are_understood() {
    let text = "DELIMITER $$\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.b = 1; END$$\nDELIMITER ;\nSELECT 1; SELECT 2\\G SELECT 3";
    assert_eq!(pieces(text, "mysql").len(), 4);
    assert_eq!(
        pieces("DELIMITER //\nUPDATE a SET b = 1; // DROP PROCEDURE p ;\nDELIMITER ;\n", "mysql"),
        ["UPDATE a SET b = 1", "DROP PROCEDURE p"]
    );
    assert_eq!(pieces("use shop\nCREATE TABLE a (b int);", "mysql"), ["use shop", "CREATE TABLE a (b int)"]);
    let text = "\\connect x\nCOPY a (b) FROM stdin;\n1;\n'\n\\.\nSELECT 1 \\gset\nSELECT 2;";
    assert_eq!(pieces(text, "postgres"), ["COPY a (b) FROM stdin", "SELECT 1", "SELECT 2"]);
    let copy = &split(text, "postgres".parse().unwrap()).pieces[0];
    assert_eq!(copy.data.unwrap().slice(text), "1;\n'\n");
    assert_eq!(copy.rows, Some(2));
}

#[test]
fn executable_comments_run_by_version() {
    let text = "CREATE TABLE é (a int /*!50110 , b int */ /*!99999 , c int */ /*M! , d int */);";
    assert_eq!(words(text, "mysql@8.0").concat(), "CREATETABLEé(aint,bint)");
    assert_eq!(words(text, "mariadb@10.11").concat(), "CREATETABLEé(aint,bint,dint)");
    assert_eq!(
        pieces("/*!40101 SET NAMES utf8 */;\n/*!80000 SET a = 1; SET b = 2 */;", "mysql"),
        ["SET NAMES utf8", "SET a = 1", "SET b = 2"]
    );
}

#[test]
fn a_broken_statement_costs_itself() {
    let text = "SELECT 1;\nINSERT INTO a VALUES ('x);\nCREATE TABLE b (c text DEFAULT 'y');\nDROP TABLE d;\n";
    let split = split(text, "postgres".parse().unwrap());
    let spans: Vec<&str> = split.pieces.iter().map(|piece| piece.span.slice(text)).collect();
    assert_eq!(spans, ["SELECT 1", "INSERT INTO a VALUES ('x)", "CREATE TABLE b (c text DEFAULT 'y')", "DROP TABLE d"]);
    assert!(split.pieces[1].broken.is_some() && split.pieces[1].tokens.len() == 5);
    assert_eq!(pieces("/* never\nSELECT 1;\nSELECT 2;", "postgres"), ["/* never\nSELECT 1", "SELECT 2"]);
    assert_eq!(pieces("CREATE RULE r AS ON INSERT TO t DO (SELECT 1;\nSELECT 2; SELECT 3", "postgres").len(), 3);
}

#[test]
fn bulk_rows_get_no_tokens() {
    let rows = "('a', (1), 'VALUES'), ".repeat(10_000);
    let text = format!("INSERT INTO a (b) VALUES {rows}(1) ON CONFLICT (b) DO NOTHING; SELECT 1");
    let split = split(&text, "postgres".parse().unwrap());
    assert_eq!(split.pieces.len(), 2);
    assert!(split.pieces[0].bulk);
    assert_eq!(split.pieces[0].rows, Some(10_001));
    let words: Vec<&str> = split.pieces[0].tokens.iter().map(|token| token.span.slice(&text)).collect();
    assert_eq!(words.join(" "), "INSERT INTO a ( b ) VALUES ON CONFLICT ( b ) DO NOTHING");
}

#[test]
fn holes_are_words() {
    assert_eq!(
        words("SELECT * FROM ${schema}.app_${env}_x WHERE a = :'b' AND c[1:2] = {{ d }}", "postgres").join(" "),
        "SELECT * FROM ${schema} . app_${env}_x WHERE a = :'b' AND c [ 1 : 2 ] = {{ d }}"
    );
}

#[test]
fn comments_keep_their_place() {
    let text = "-- one\nSELECT 1; -- two\n/* three */ # four";
    let comments = split(text, "mysql".parse().unwrap()).comments;
    let told: Vec<(&str, bool)> = comments.iter().map(|comment| (comment.text.as_str(), comment.own_line)).collect();
    assert_eq!(told, [("one", true), ("two", false), ("three", true), ("four", false)]);
}

fn sql() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            ";",
            ";\n",
            "'",
            "\"",
            "`",
            "$$",
            "$a$",
            "/*",
            "*/",
            "/*!50000 ",
            "/*!99999 ",
            "/*M!",
            "--",
            "-- ",
            "#",
            "\\",
            "\\.\n",
            "\n",
            " ",
            "(",
            ")",
            "E'",
            "[",
            "]",
            "BEGIN ",
            "END ",
            "CASE ",
            "IF ",
            "THEN ",
            "DELIMITER $$\n",
            "DELIMITER ;\n",
            "$$\n",
            "CREATE FUNCTION f ",
            "CREATE TRIGGER t ",
            "CREATE RULE r ",
            "COPY a FROM stdin;\n",
            "INSERT INTO a VALUES ",
            "x",
            "é",
            "😀",
            "{",
            "}",
            "${",
            ":",
            ".",
            ".5",
            "._",
            "1e",
            "0x",
            "1_",
            "U&'",
            "X'",
            "N'",
            "\r\n",
            "\t",
            "use a\n",
            "@",
            "?",
            "\u{feff}",
            "\0"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn pieces_and_gaps_give_back_the_text(text in sql(), engine in prop::sample::select(Engine::ALL.to_vec())) {
        let split = split(&text, Target::of(engine));
        let mut at = 0;
        for piece in &split.pieces {
            let range = piece.span.range();
            prop_assert!(range.start >= at && range.end > range.start);
            prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            at = range.end;
            let mut inner = range.start;
            for token in &piece.tokens {
                let span = token.span.range();
                prop_assert!(span.start >= inner && span.end > span.start && span.end <= range.end, "{:?}", token);
                prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                inner = span.end;
            }
        }
        for comment in &split.comments {
            prop_assert!(text.get(comment.span.range()).is_some());
        }
    }

    #[test]
    fn words_have_their_own_text(text in "[a-zé ();,.\n'0-9]{0,80}", engine in prop::sample::select(Engine::ALL.to_vec())) {
        for piece in split(&text, Target::of(engine)).pieces {
            for token in piece.tokens {
                if let sqlparser::tokenizer::Token::Word(word) = &token.token {
                    prop_assert_eq!(&word.value, token.span.slice(&text));
                }
            }
        }
    }
}
