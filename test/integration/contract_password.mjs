export const good = () => ({});
export const rows = () => [];
