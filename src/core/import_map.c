/*
 * import_map - what the columns of a file mean; see import_file.h.
 */
#include <string.h>

#include "import_file.h"
#include "str.h"

/* Names as people write them, small letters and digits alone. */
static const struct {
	const char		*name;
	enum person_field	 field;
} import_names[] = {
	{ "name", PERSON_NAME }, { "fullname", PERSON_NAME },
	{ "displayname", PERSON_NAME }, { "employeename", PERSON_NAME },
	{ "email", PERSON_EMAIL }, { "emailaddress", PERSON_EMAIL },
	{ "mail", PERSON_EMAIL }, { "workemail", PERSON_EMAIL },
	{ "emailid", PERSON_EMAIL }, { "mobilenumber", PERSON_MOBILE },
	{ "mobile", PERSON_MOBILE }, { "mobileno", PERSON_MOBILE },
	{ "phone", PERSON_MOBILE }, { "phonenumber", PERSON_MOBILE },
	{ "cell", PERSON_MOBILE }, { "cellphone", PERSON_MOBILE },
	{ "msisdn", PERSON_MOBILE }, { "empid", PERSON_EMP_ID },
	{ "employeeid", PERSON_EMP_ID }, { "employeenumber", PERSON_EMP_ID },
	{ "employeeno", PERSON_EMP_ID }, { "empno", PERSON_EMP_ID },
	{ "empcode", PERSON_EMP_ID }, { "employeecode", PERSON_EMP_ID },
	{ "staffid", PERSON_EMP_ID }, { "language", PERSON_LANGUAGE },
	{ "lang", PERSON_LANGUAGE }, { "locale", PERSON_LANGUAGE },
	{ "carrier", PERSON_CARRIER }, { "status", PERSON_STATUS },
	{ "active", PERSON_STATUS }, { "mfaenabled", PERSON_MFA },
	{ "mfa", PERSON_MFA }, { "secondfactor", PERSON_MFA },
};

static void	import_map_name(struct import_map *m, size_t i,
		    const struct csv_cell *c);
static bool	import_map_has_name(const struct import_map *m, size_t n,
		    const char *name);
static bool	import_map_has(const struct import_map *m, int8_t f);
static int8_t	import_map_guess(const char *name);
static int8_t	import_map_field(const json_t *v);

void
import_map_head(struct import_map *m, const struct csv_row *row)
{
	size_t	i;
	int8_t	f;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < row->n; i++) {
		import_map_name(m, i, &row->cells[i]);
		f = import_map_guess(m->name[i]);
		m->field[i] = f != IMPORT_SKIP && import_map_has(m, f) ?
		    IMPORT_SKIP : f;
		m->n++;
	}
}

enum err
import_map_set(struct import_map *m, const json_t *o, const char **why)
{
	const char	*name;
	json_t		*v;
	size_t		 i, k;

	json_object_foreach((json_t *)(uintptr_t)o, name, v) {
		for (i = 0; i < m->n && strcmp(m->name[i], name) != 0; i++)
			;
		if (i == m->n) {
			*why = "A column of this name is not in the file.";
			return (ERR_FORMAT);
		}
		m->field[i] = import_map_field(v);
		if (m->field[i] == IMPORT_SKIP && !json_is_null(v)) {
			*why = "Send name, email, mobile_number, emp_id, "
			    "language, carrier, status, mfa_enabled or null.";
			return (ERR_FORMAT);
		}
	}
	for (i = 0; i < m->n; i++)
		for (k = 0; k < i; k++)
			if (m->field[i] != IMPORT_SKIP &&
			    m->field[i] == m->field[k]) {
				*why = "Two columns cannot be the same field.";
				return (ERR_FORMAT);
			}
	return (ERR_OK);
}

json_t *
import_map_json(const struct import_map *m)
{
	json_t	*o = json_object();
	size_t	 i;

	for (i = 0; o != NULL && i < m->n; i++)
		if (json_object_set_new(o, m->name[i],
		    m->field[i] == IMPORT_SKIP ? json_null() :
		    json_string(person_field_name(
		    (enum person_field)m->field[i]))) != 0) {
			json_decref(o);
			o = NULL;
		}
	return (o);
}

json_t *
import_map_names(const struct import_map *m)
{
	json_t	*a = json_array();
	size_t	 i;

	for (i = 0; a != NULL && i < m->n; i++)
		if (json_array_append_new(a, json_string(m->name[i])) != 0) {
			json_decref(a);
			a = NULL;
		}
	return (a);
}

enum err
import_map_load(struct import_map *m, const json_t *names,
    const json_t *mapping)
{
	const json_t	*v;
	size_t		 i;

	memset(m, 0, sizeof(*m));
	if (!json_is_array(names) || json_array_size(names) > CSV_CELLS_MAX)
		return (ERR_FORMAT);
	json_array_foreach(names, i, v) {
		if (!json_is_string(v) || str_copy(m->name[i],
		    sizeof(m->name[i]), json_string_value(v),
		    json_string_length(v)) != ERR_OK)
			return (ERR_FORMAT);
		m->field[i] = import_map_field(json_object_get(mapping,
		    m->name[i]));
		m->n++;
	}
	return (m->n > 0 ? ERR_OK : ERR_FORMAT);
}

/* No two columns have the same name. */
static void
import_map_name(struct import_map *m, size_t i, const struct csv_cell *c)
{
	char	*name = m->name[i];
	size_t	 max = IMPORT_NAME_MAX - 8, len = c->len < max ? c->len : max;
	size_t	 n;

	while (len < c->len && len > 0 && ((uint8_t)c->s[len] & 0xc0) == 0x80)
		len--;		/* not within a character */
	memcpy(name, c->s, len);
	if (len == 0 && str_printf(name, IMPORT_NAME_MAX, "Column %d",
	    (int)i + 1) == ERR_OK)
		len = strlen(name);
	/* At most 64 columns, so the number has two digits. */
	for (n = 2; import_map_has_name(m, i, name); n++)
		if (str_printf(name + len, 8, " (%d)", (int)n) != ERR_OK)
			break;
}

static bool
import_map_has_name(const struct import_map *m, size_t n, const char *name)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (strcmp(m->name[i], name) == 0)
			return (true);
	return (false);
}

static bool
import_map_has(const struct import_map *m, int8_t f)
{
	size_t	i;

	for (i = 0; i < m->n; i++)
		if (m->field[i] == f)
			return (true);
	return (false);
}

static int8_t
import_map_guess(const char *name)
{
	char	plain[32];
	size_t	n = 0, i;

	for (; *name != '\0' && n < sizeof(plain) - 1; name++) {
		if (*name >= 'A' && *name <= 'Z')
			plain[n++] = (char)(*name + 32);
		else if ((*name >= 'a' && *name <= 'z') ||
		    (*name >= '0' && *name <= '9') || (uint8_t)*name >= 0x80)
			plain[n++] = *name;
	}
	plain[n] = '\0';
	for (i = 0; i < COUNT(import_names) && *name == '\0'; i++)
		if (strcmp(plain, import_names[i].name) == 0)
			return ((int8_t)import_names[i].field);
	return (IMPORT_SKIP);
}

static int8_t
import_map_field(const json_t *v)
{
	int	f;

	for (f = 0; json_is_string(v) && f < PERSON_FIELDS; f++)
		if (strcmp(json_string_value(v),
		    person_field_name((enum person_field)f)) == 0)
			return ((int8_t)f);
	return (IMPORT_SKIP);
}
