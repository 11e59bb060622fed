// message_names - what the texts are called to whom reads the console.

export const NAMES = {
	sign_in_code: 'Sign-in code', reset_code: 'Recovery code', reset_token: 'Recovery link', password_changed: 'Password changed',
	mfa_added: 'Second factor added', mfa_removed: 'Second factor removed', recovery_codes_made: 'Recovery codes made', new_device: 'New device',
};
export const nameOf = (name) => NAMES[name] ?? name.replaceAll('_', ' ');
