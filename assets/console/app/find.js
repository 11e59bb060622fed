// find - what comboboxes suggest: people and applications by their names.

import { get, queryOf } from './api.js';

const LIMIT = 8;

export const findPeople = async (q, signal) => (await get(`/users${queryOf({ q, limit: LIMIT })}`, { signal })).body.data
	.map((u) => ({ id: u.auth_user_id, label: u.name, note: u.email ?? u.mobile_number ?? u.emp_id ?? '' }));

export const findApplications = async (q, signal) => (await get(`/applications${queryOf({ q, limit: LIMIT })}`, { signal })).body.data
	.map((a) => ({ id: a.id, label: a.name }));
