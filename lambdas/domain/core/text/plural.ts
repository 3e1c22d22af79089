/** A count with its noun, as commands and findings say it: `1 try`, `2 tries`, `0 versions`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
