/*
 * test_user - the User object, and the sync hash against values that another
 * program computed (Node: SHA-256 of JSON.stringify with sorted keys).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "clock.h"
#include "user.h"

static void	user_hash_table(void **state);
static void	user_hash_ignores_the_rest(void **state);
static void	user_hash_of_the_longest(void **state);
static void	user_json_text(void **state);
static void	user_json_reads_back(void **state);
static void	user_json_cap(void **state);

struct row {
	const char	*email, *emp_id, *mobile, *name;
	bool		 is_active;
	const char	*hash;
};

static const struct row	rows[] = {
	{ "ada@example.com", "E-1", "+919876543210", "Ada Lovelace", true,
		"218aea5936c751e038213d4735db5dff36652eb4d9cf5a966c132c1a22878717" },
	{ "", "", "", "Nobody", false,
		"26c679ed1e6c1d82c9168efa2cea7649e9a2e11860196192db578a626c9593aa" },
	{ "j\xc3\xb6rg@example.com", "", "",
	    "J\xc3\xb6rg \xf0\x9f\x98\x80 \xe7\x94\xa8\xe6\x88\xb7", true,
		"19c58d9f82cb3ac047cc852c9d7985392bad5ed48b6bf6b15b60475d1553cd2a" },
	/* escapes of RFC 8785: short ones, \u00XX, and 0x7f as it is */
	{ "", "a\"b\\c/d", "+12025550143", "tab\there\nline\x01\x1f\x7f", true,
		"1c59b83a1362501134aaf93085971aac58dbe4899484232b19139ac63715ac5d" },
	/* no escapes beyond JSON's own: markup, line separators */
	{ "", "", "", "<b>&'\xe2\x80\xa8\xe2\x80\xa9", true,
		"ed2d84f794e1d69851db153a8a47c76074ac623b8eaae0ef8bd551fc695debc5" },
};

static struct user
user_of(const struct row *r)
{
	struct user	u;

	memset(&u, 0, sizeof(u));
	strcpy(u.email, r->email);
	strcpy(u.emp_id, r->emp_id);
	strcpy(u.mobile_number, r->mobile);
	strcpy(u.name, r->name);
	u.is_active = r->is_active;
	return (u);
}

static void
user_hash_table(void **state)
{
	struct user	u;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		u = user_of(&rows[i]);
		user_sync_hash(&u);
		assert_string_equal(u.sync_hash, rows[i].hash);
	}
}

/* What is not synced does not make an application update its copy. */
static void
user_hash_ignores_the_rest(void **state)
{
	struct user	u = user_of(&rows[0]);

	(void)state;
	u.mfa_enabled = true;
	u.updated_us = 5;
	uuid_make(&u.id);
	strcpy(u.sync_hash, "old");
	user_sync_hash(&u);
	assert_string_equal(u.sync_hash, rows[0].hash);
	u.is_active = false;
	user_sync_hash(&u);
	assert_string_not_equal(u.sync_hash, rows[0].hash);
}

/* Every field full of characters that need the longest escape. */
static void
user_hash_of_the_longest(void **state)
{
	struct user	u;

	(void)state;
	memset(&u, 0, sizeof(u));
	memset(u.name, 1, USER_NAME_MAX_LEN);
	memset(u.email, 1, EMAIL_MAX_LEN);
	memset(u.emp_id, 1, USER_EMP_ID_MAX_LEN);
	memset(u.mobile_number, 1, PHONE_MAX_LEN);
	user_sync_hash(&u);
	assert_int_equal(strlen(u.sync_hash), USER_SYNC_HASH_LEN);
}

static void
user_json_text(void **state)
{
	struct user	u = user_of(&rows[0]);
	struct buf	b;

	(void)state;
	assert_int_equal(uuid_parse("01890a5d-ac96-774b-bcce-b302099a8057",
	    UUID_TEXT_LEN, &u.id), ERR_OK);
	u.updated_us = INT64_C(1795464900123456);
	u.mfa_enabled = true;
	user_sync_hash(&u);
	buf_init(&b, 4096);
	user_json(&u, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_string_equal(b.data, "{"
	    "\"auth_user_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
	    "\"name\":\"Ada Lovelace\",\"mobile_number\":\"+919876543210\","
	    "\"email\":\"ada@example.com\",\"emp_id\":\"E-1\","
	    "\"status\":\"active\",\"mfa_enabled\":true,"
	    "\"updated_at\":\"2026-11-23T20:15:00.123Z\","
	    "\"sync_hash\":\"218aea5936c751e038213d4735db5dff"
	    "36652eb4d9cf5a966c132c1a22878717\"}");
	buf_clear(&b);
}

static void
user_json_reads_back(void **state)
{
	struct user	 u;
	struct buf	 b;
	json_t		*j;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		u = user_of(&rows[i]);
		user_sync_hash(&u);
		buf_init(&b, 8192);
		user_json(&u, &b);
		assert_int_equal(buf_err(&b), ERR_OK);
		j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(j);
		assert_int_equal(json_object_size(j), 9);
		assert_string_equal(json_string_value(json_object_get(j,
		    "name")), rows[i].name);
		assert_string_equal(json_string_value(json_object_get(j,
		    "status")), rows[i].is_active ? "active" : "disabled");
		assert_true(json_is_false(json_object_get(j, "mfa_enabled")));
		if (rows[i].email[0] == '\0')
			assert_true(json_is_null(json_object_get(j, "email")));
		else
			assert_string_equal(json_string_value(json_object_get(
			    j, "email")), rows[i].email);
		if (rows[i].emp_id[0] == '\0')
			assert_true(json_is_null(json_object_get(j,
			    "emp_id")));
		else
			assert_string_equal(json_string_value(json_object_get(
			    j, "emp_id")), rows[i].emp_id);
		json_decref(j);
		buf_clear(&b);
	}
}

static void
user_json_cap(void **state)
{
	struct user	u = user_of(&rows[0]);
	struct buf	b;

	(void)state;
	buf_init(&b, 100);
	user_json(&u, &b);
	assert_int_equal(buf_err(&b), ERR_SPACE);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(user_hash_table),
		cmocka_unit_test(user_hash_ignores_the_rest),
		cmocka_unit_test(user_hash_of_the_longest),
		cmocka_unit_test(user_json_text),
		cmocka_unit_test(user_json_reads_back),
		cmocka_unit_test(user_json_cap),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
