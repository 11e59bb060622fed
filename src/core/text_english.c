/*
 * text_english - the texts as shipped, in English.  Short: what a person needs
 * to act on, and what to do when it was not them.
 */
#include "text_priv.h"

/* Mail readers know no style sheets. */
#define HTML(body)	"<!doctype html>\n<html lang=\"en\"><head>" \
	"<meta charset=\"utf-8\"></head>\n" \
	"<body style=\"font-family:Helvetica,Arial,sans-serif;" \
	"font-size:16px;line-height:1.5;color:#1a1a1a\">\n" body \
	"<p style=\"color:#595959;font-size:14px\">{{brand}}</p>\n" \
	"</body></html>\n"
#define CODE(name)	"<p style=\"font-size:28px;letter-spacing:4px;" \
	"font-weight:bold\">{{" name "}}</p>\n"
#define HOST_LINE	"\n\n@{{host}} #{{code}}"
#define NOT_YOU		"If this was not you, sign in, change your password " \
	"and tell your administrator."
#define NOT_YOU_HTML	"<p>" NOT_YOU "</p>\n"

static const struct text_entry	text_entries[] = {
	{ MESSAGE_SIGN_IN_CODE, " code " TEXT_TTL, " code ", {
		[TEXT_SMS] = { NULL,
		    "{{code}} is your {{app_name}} sign-in code. It is good "
		    "for {{ttl_minutes}} minutes. Do not share it." HOST_LINE,
		    NULL },
		[TEXT_EMAIL] = {
		    "{{code}} is your {{app_name}} sign-in code",
		    "Your code to sign in to {{app_name}} is\n\n{{code}}\n\n"
		    "It is good for {{ttl_minutes}} minutes and works once. Do "
		    "not share it: nobody of {{brand}} will ask for it.\n\n"
		    "If you did not try to sign in, ignore this message.\n",
		    HTML("<p>Your code to sign in to {{app_name}} is</p>\n"
		    CODE("code")
		    "<p>It is good for {{ttl_minutes}} minutes and works once. "
		    "Do not share it: nobody of {{brand}} will ask for it."
		    "</p>\n<p>If you did not try to sign in, ignore this "
		    "message.</p>\n") } } },
	{ MESSAGE_RESET_CODE, " code " TEXT_TTL, " code ", {
		[TEXT_SMS] = { NULL,
		    "{{code}} is your code to set a new {{app_name}} "
		    "password. It is good for {{ttl_minutes}} minutes. Do "
		    "not share it."
		    HOST_LINE, NULL },
		[TEXT_EMAIL] = {
		    "{{code}} is your code to set a new password",
		    "Your code to set a new password for {{app_name}} is\n\n"
		    "{{code}}\n\nIt is good for {{ttl_minutes}} minutes and "
		    "works once.\n\nIf you did not ask for it, ignore this "
		    "message: your password stays as it is.\n",
		    HTML("<p>Your code to set a new password for {{app_name}} "
		    "is</p>\n" CODE("code")
		    "<p>It is good for {{ttl_minutes}} minutes and works once."
		    "</p>\n<p>If you did not ask for it, ignore this message: "
		    "your password stays as it is.</p>\n") } } },
	{ MESSAGE_RESET_TOKEN, " token " TEXT_TTL, " token ", {
		[TEXT_SMS] = { NULL,
		    "To set a new {{app_name}} password, enter {{token}}",
		    NULL },
		[TEXT_EMAIL] = {
		    "Set a new password for {{app_name}}",
		    "Somebody, probably you, asked to set a new password for "
		    "{{app_name}}.\n\nEnter this there:\n\n{{token}}\n\n"
		    "It is good for {{ttl_minutes}} "
		    "minutes and works once.\n\nIf it was not you, ignore this "
		    "message: your password stays as it is.\n",
		    HTML("<p>Somebody, probably you, asked to set a new "
		    "password for {{app_name}}. Enter this there:</p>\n"
		    "<p style=\"font-family:monospace;font-weight:bold\">"
		    "{{token}}</p>\n"
		    "<p>It is good for {{ttl_minutes}} minutes and works once."
		    "</p>\n<p>If it was not you, ignore this message: your "
		    "password stays as it is.</p>\n") } } },
	{ MESSAGE_PASSWORD_CHANGED, " ", "", {
		[TEXT_SMS] = { NULL, "Your {{brand}} password was changed. "
		    "Not you? Tell your administrator.", NULL },
		[TEXT_EMAIL] = { "Your password was changed",
		    "Your {{brand}} password was changed through {{app_name}}."
		    "\n\n" NOT_YOU "\n",
		    HTML("<p>Your {{brand}} password was changed through "
		    "{{app_name}}.</p>\n" NOT_YOU_HTML) } } },
	{ MESSAGE_MFA_ADDED, " ", "", {
		[TEXT_SMS] = { NULL, "An authenticator app was added to your "
		    "{{brand}} account. Not you? Tell your administrator.",
		    NULL },
		[TEXT_EMAIL] = { "An authenticator app was added",
		    "An authenticator app was added to your {{brand}} account "
		    "through {{app_name}}.\n\n" NOT_YOU "\n",
		    HTML("<p>An authenticator app was added to your {{brand}} "
		    "account through {{app_name}}.</p>\n" NOT_YOU_HTML) } } },
	{ MESSAGE_MFA_REMOVED, " ", "", {
		[TEXT_SMS] = { NULL, "The authenticator app was removed from "
		    "your {{brand}} account. Not you? Tell your administrator.",
		    NULL },
		[TEXT_EMAIL] = { "Your authenticator app was removed",
		    "The authenticator app was removed from your {{brand}} "
		    "account.\n\n" NOT_YOU "\n",
		    HTML("<p>The authenticator app was removed from your "
		    "{{brand}} account.</p>\n" NOT_YOU_HTML) } } },
	{ MESSAGE_RECOVERY_CODES, " ", "", {
		[TEXT_SMS] = { NULL, "New recovery codes were made for your "
		    "{{brand}} account. Not you? Tell your administrator.",
		    NULL },
		[TEXT_EMAIL] = { "New recovery codes were made",
		    "New recovery codes were made for your {{brand}} account "
		    "through {{app_name}}. The old ones no longer work.\n\n"
		    NOT_YOU "\n",
		    HTML("<p>New recovery codes were made for your {{brand}} "
		    "account through {{app_name}}. The old ones no longer work."
		    "</p>\n" NOT_YOU_HTML) } } },
	{ MESSAGE_NEW_DEVICE, " device ip ", "", {
		[TEXT_SMS] = { NULL, "New sign-in to {{app_name}} with "
		    "{{device}} ({{ip}}). Not you? Tell your administrator.",
		    NULL },
		[TEXT_EMAIL] = { "New sign-in to {{app_name}}",
		    "Your account signed in to {{app_name}} with a device that "
		    "it had not used before.\n\nDevice: {{device}}\n"
		    "Address: {{ip}}\n\n" NOT_YOU "\n",
		    HTML("<p>Your account signed in to {{app_name}} with a "
		    "device that it had not used before.</p>\n"
		    "<p>Device: {{device}}<br>Address: {{ip}}</p>\n"
		    NOT_YOU_HTML) } } },
};

const struct text_entry *
text_entry(size_t i)
{
	return (i < COUNT(text_entries) ? &text_entries[i] : NULL);
}
