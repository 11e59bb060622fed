/*
 * console_audit_filter - see console_audit_filter.h.
 */
#include "console_audit_filter.h"

#include <string.h>

#include "api.h"
#include "audit.h"
#include "str.h"

#define FILTER_TEXT_MAX		200	/* bytes of one value */
#define FILTER_EVENTS_MAX	4096	/* of the list of events */

static bool	filter_texts(struct http_request *req, struct buf *out,
		    int *ret);
static bool	filter_events(struct http_request *req, struct buf *out,
		    int *ret);
static bool	filter_lists(const char *list, const char *name);

bool
console_audit_filter(struct http_request *req, struct buf *out, int *ret)
{
	buf_char(out, '{');
	if (!filter_texts(req, out, ret) || !filter_events(req, out, ret))
		return (false);
	buf_char(out, '}');
	if (buf_err(out) == ERR_OK)
		return (true);
	*ret = api_fail(req, PROBLEM_INTERNAL);
	return (false);
}

static bool
filter_texts(struct http_request *req, struct buf *out, int *ret)
{
	static const char *const	names[] = {
		"user", "application", "ip", "outcome", "from", "to",
		"request_id", "q",
	};
	const char			*v;
	size_t				 i;

	for (i = 0; i < COUNT(names); i++) {
		v = api_query(req, names[i]);
		if (v == NULL || v[0] == '\0')
			continue;
		if (strlen(v) > FILTER_TEXT_MAX ||
		    !str_is_utf8(v, strlen(v))) {
			*ret = api_fail_field(req, names[i],
			    "must be text of 200 bytes at most.");
			return (false);
		}
		buf_printf(out, "%s\"%s\":", out->len > 1 ? "," : "",
		    names[i]);
		buf_json(out, v, strlen(v));
	}
	return (true);
}

/* Events of the category, of the list, or of both; none left: of no name. */
static bool
filter_events(struct http_request *req, struct buf *out, int *ret)
{
	const char	*events = api_query(req, "event");
	const char	*category = api_query(req, "category");
	const char	*name;
	int		 e, n = 0;

	if (events != NULL && strlen(events) > FILTER_EVENTS_MAX) {
		*ret = api_fail_field(req, "event",
		    "must be names with commas between.");
		return (false);
	}
	if (events != NULL && events[0] == '\0')
		events = NULL;
	if (category != NULL && category[0] == '\0')
		category = NULL;
	if (events == NULL && category == NULL)
		return (true);
	buf_str(out, out->len > 1 ? ",\"events\":[" : "\"events\":[");
	for (e = 0; e < AUDIT_EVENT_MAX; e++) {
		name = audit_name((enum audit_event)e);
		if ((events != NULL && !filter_lists(events, name)) ||
		    (category != NULL && strcmp(category,
		    audit_category((enum audit_event)e)) != 0))
			continue;
		buf_printf(out, "%s\"%s\"", n++ > 0 ? "," : "", name);
	}
	buf_str(out, n == 0 ? "\"\"]" : "]");
	return (true);
}

/* Is |name| in "a,b,c"? */
static bool
filter_lists(const char *list, const char *name)
{
	size_t	len = strlen(name), n;

	for (; *list != '\0'; list += n) {
		if (*list == ',')
			list++;
		n = strcspn(list, ",");
		if (n == len && memcmp(list, name, len) == 0)
			return (true);
	}
	return (false);
}
