/*
 * tools/gensql.sh: what it refuses, what it keeps, and that it rewrites
 * nothing when nothing changed.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, copyFileSync, writeFileSync, readFileSync,
    rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const script = new URL("../../tools/gensql.sh", import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), "gensql-"));

after(() => rmSync(dir, { recursive: true, force: true }));

/* Runs the script in a tree that has only |files| under sql/. */
function run(files) {
	rmSync(join(dir, "sql"), { recursive: true, force: true });
	for (const d of ["tools", "sql/queries", "sql/migrations"])
		mkdirSync(join(dir, d), { recursive: true });
	copyFileSync(script, join(dir, "tools/gensql.sh"));
	for (const [name, text] of Object.entries(files))
		writeFileSync(join(dir, "sql", name), text);
	const r = spawnSync("sh", [join(dir, "tools/gensql.sh"),
	    join(dir, "out")], { encoding: "utf8" });
	const read = (f) => readFileSync(join(dir, "out", f), "utf8");
	return { code: r.status, err: r.stderr, h: () => read("sql.h"),
	    c: () => read("sql_text.c") };
}

const refused = {
	"two statements": "-- zz: x\nselect 1; select 2\n",
	"no statement": "-- zz: x\n;\n",
	"begin": "-- zz: x\nBEGIN\n",
	"commit behind": "-- zz: x\nselect 1;\ncommit;\n",
	"copy": "-- zz: x\ncopy t to stdout\n",
	"head comment of another": "-- yy: x\nselect 1\n",
	"no head comment": "select 1\n",
	"open quote": "-- zz: x\nselect 'a\n",
	"open dollar quote": "-- zz: x\nselect $q$ a $x$\n",
	"open comment": "-- zz: x\nselect 1 /* /* */\n",
	"carriage return": "-- zz: x\r\nselect 1\n",
};

for (const [what, text] of Object.entries(refused)) {
	test(`refuses ${what}`, () => {
		const r = run({ "queries/zz.sql": text });
		assert.notEqual(r.code, 0);
		assert.match(r.err, /gensql\.sh: .*zz\.sql/);
	});
}

test("refuses a gap and a wrong name of a migration", () => {
	const ok = "-- 0001_a: x\nselect 1;\n";
	assert.equal(run({ "migrations/0001_a.sql": ok }).code, 0);
	assert.notEqual(run({ "migrations/0001_a.sql": ok,
	    "migrations/0003_b.sql": "-- 0003_b: x\nselect 1;\n" }).code, 0);
	assert.notEqual(run({ "migrations/1_a.sql":
	    "-- 1_a: x\nselect 1;\n" }).code, 0);
	assert.notEqual(run({ "migrations/0001_a.sql":
	    "-- 0001_a: x\nselect 1;\ncommit;\n" }).code, 0);
});

test("keeps quotes, drops comments, counts parameters", () => {
	const r = run({ "queries/aa_b.sql": "-- aa_b: x; y 'z\n" +
	    "/* a /* b; */ $99 */ select 'it''s; -- no', E'\\'; commit;',\n" +
	    "  \"$7\", $$ ; begin $8 $$, $q$ $9; $q$, -- tail\n" +
	    "  '??/', $2::int4 where a=$11;\n" });
	assert.equal(r.code, 0, r.err);
	assert.match(r.h(), /enum sql_id \{\n\tSQL_AA_B,\n\tSQL_MAX\n\}/);
	const c = r.c();
	for (const s of ["'it''s; -- no'", "E'\\\\'; commit;'",
	    "$$ ; begin $8 $$", "$q$ $9; $q$", "'\\?\\?/'", "$11\", 11, 0 }"])
		assert.ok(c.includes(s), `${s} in\n${c}`);
	for (const s of ["tail", "$99", "z\\n"])
		assert.ok(!c.includes(s), `${s} in\n${c}`);
});

test("a statement may have a deadline of its own", () => {
	const r = run({ "queries/zz.sql":
	    "-- zz: x\n-- deadline_ms: 2500\nselect $1::int4\n" });
	assert.equal(r.code, 0, r.err);
	assert.ok(r.c().includes('"select $1::int4", 1, 2500 }'), r.c());
});

test("does not touch what did not change", () => {
	const files = { "queries/zz.sql": "-- zz: x\nselect 1\n" };
	run(files);
	for (const f of ["sql.h", "sql_text.c"])
		utimesSync(join(dir, "out", f), 1000, 1000);
	run(files);
	for (const f of ["sql.h", "sql_text.c"])
		assert.equal(statSync(join(dir, "out", f)).mtimeMs, 1000000);
	files["queries/zz.sql"] = "-- zz: x\nselect 2\n";
	run(files);
	assert.equal(statSync(join(dir, "out/sql.h")).mtimeMs, 1000000);
	assert.notEqual(statSync(join(dir, "out/sql_text.c")).mtimeMs, 1000000);
});
