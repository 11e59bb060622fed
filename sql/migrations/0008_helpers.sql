-- 0008_helpers: what the statements of the console share.

-- A time as every answer of the service shows it: RFC 3339, UTC, milliseconds.
create function json_time(at timestamptz) returns text
language sql immutable parallel safe
as $$
	select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- The audit row of an administrator's act; |actor| null: the command line.
-- The last six are the origin as queries get it (audit_origin()).
create function audit_act(event text, actor uuid, subject uuid,
    application uuid, detail jsonb, request_id text, ip text, remote text,
    forwarded text, client_ip text, user_agent text)
returns int8
language sql volatile
as $$
	insert into audit (event, category, actor_id, subject_id,
	    application_id, detail, request_id, ip, remote, forwarded,
	    client_ip, user_agent)
	select $1, 'admin', $2, $3, $4, nullif($5, '{}'), o.request_id, o.ip,
	    o.remote, o.forwarded, o.client_ip, o.user_agent
	from audit_origin($6, $7, $8, $9, $10, $11) o
	returning id
$$;

-- What has expired is found by its time; rows come in that order, so a small
-- index does (sign_in_purge).
create index refresh_token_expires_idx on refresh_token using brin (expires_at)
    with (pages_per_range = 32, autosummarize = on);

-- Functions that give one row, or none.  Where nothing is said the planner
-- takes it for a thousand, and then joins the whole directory to it.
alter function audit_origin(text, text, text, text, text, text) rows 1;
alter function person_by_contact(text, text) rows 1;
alter function challenge_try(uuid, uuid, text, bytea, int4) rows 1;
alter function second_factor_try(uuid, bytea, int8, bytea) rows 1;
alter function factor_prove(uuid, text, bytea, int8, bytea, uuid) rows 1;
alter function mfa_try(bytea, uuid, bytea, bytea, int8, bytea, int4) rows 1;
alter function recovery_replace rows 1;
alter function totp_remove rows 1;
