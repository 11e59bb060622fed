-- 0020_key_use: how often a key was used, by the hour: before an old key is
-- ended one wants to know whether somebody still calls with it.

-- Requests that the guard let through.  Written in batches (key_touch), kept
-- 25 hours (sign_in_purge).
create table key_use (
	key_id	text not null references application_key on delete cascade,
	hour	timestamptz not null,
	count	int8 not null,
	primary key (key_id, hour),
	constraint key_use_count_check check (count > 0)
);

create or replace function console_key_json(application_key) returns jsonb
language sql stable
as $$
	select jsonb_build_object('id', $1.key_id, 'label', $1.label,
	    'prefix', 'isk_' || left($1.key_id, 4) || '…', 'last4', $1.last4,
	    'is_enabled', $1.is_enabled,
	    'created_at', json_time($1.created_at),
	    'created_by', (select jsonb_build_object('id', p.auth_user_id,
	    'name', p.name) from person p where p.auth_user_id = $1.created_by),
	    'expires_at', json_time($1.expires_at),
	    'last_used_at', json_time($1.last_used_at),
	    'last_used_ip', host($1.last_used_ip),
	    'requests_24h', (select coalesce(sum(u.count), 0)::int8
	    from key_use u where u.key_id = $1.key_id
	    and u.hour > now() - interval '24 hours'))
$$;
