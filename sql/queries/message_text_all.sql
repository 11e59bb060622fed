-- message_text_all: the operator's texts, as the dispatcher loads them.
-- returns: name text, channel text, language text, subject text?, text text,
--	html text?
-- rows: 0..n
select t.name, t.channel, t.language, t.subject, t.text, t.html
from message_text t
