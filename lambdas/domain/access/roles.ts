/** docs/sharing.md shows this table. Marking and territories come from the user's clearance. */

export const roles = ['reader', 'analyst', 'approver', 'operator'] as const

export type Role = (typeof roles)[number]

export const rights = {
  'reports:read': ['reader', 'analyst', 'approver'],
  'reports:create': ['analyst', 'approver'],
  /** Single detections, in a report or not; granted to readers separately. */
  'detections:read': ['analyst', 'approver'],
  /**
   * Adding detections and evidence images, undoing, placing, correcting, withdrawing, removing images, closing rejected
   * records.
   */
  'detections:write': ['analyst', 'approver'],
  'watch:read': ['reader', 'analyst', 'approver', 'operator'],
  'candidates:sign': ['analyst', 'approver'],
  'notes:write': ['analyst'],
  'notes:approve': ['approver'],
  'reports:renew': ['analyst', 'approver', 'operator'],
  'reports:recall': ['approver'],
  'recipients:write': ['analyst', 'approver'],
  'clearances:write': ['approver'],
  /** Schedules, source rhythms and role assignments. */
  'house:write': ['operator'],
} as const satisfies Readonly<Record<string, readonly Role[]>>

export type Right = keyof typeof rights

export const everyRight = Object.keys(rights) as [Right, ...Right[]]

/** Rights that a token may have. */
export const programRights = [
  'reports:read',
  'reports:create',
  'detections:read',
  'detections:write',
  'candidates:sign',
] as const

const mayIn = (right: Right, role: Role): boolean => (rights[right] as readonly Role[]).includes(role)

export const rightsOf = (held: readonly Role[]): readonly Right[] =>
  everyRight.filter((right) => held.some((role) => mayIn(right, role)))
