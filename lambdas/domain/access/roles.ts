/**
 * Who may do what: the one table, which docs/sharing.md shows. Up to which marking and of which territories, his clearance
 * says.
 */

export const roles = ['reader', 'analyst', 'approver', 'operator'] as const

export type Role = (typeof roles)[number]

/** What may be done, and in which roles; one person may have several. */
export const rights = {
  'reports:read': ['reader', 'analyst', 'approver'],
  /** Ask for one, and see the mail. */
  'reports:create': ['analyst', 'approver'],
  /** Single detections, whether a report shows them or not: a reader is given it beside his role. */
  'detections:read': ['analyst', 'approver'],
  /**
   * Add them and their evidence plates, undo what was added, place, correct, withdraw, remove a plate, and close what
   * was rejected.
   */
  'detections:write': ['analyst', 'approver'],
  'watch:read': ['reader', 'analyst', 'approver', 'operator'],
  'candidates:sign': ['analyst', 'approver'],
  'notes:write': ['analyst'],
  'notes:approve': ['approver'],
  /** Make a held one again. */
  'reports:renew': ['analyst', 'approver', 'operator'],
  'reports:recall': ['approver'],
  'recipients:write': ['analyst', 'approver'],
  'clearances:write': ['approver'],
  /** Schedules, the rhythms of sources, and who has which role. */
  'house:write': ['operator'],
} as const satisfies Readonly<Record<string, readonly Role[]>>

export type Right = keyof typeof rights

export const everyRight = Object.keys(rights) as [Right, ...Right[]]

const mayIn = (right: Right, role: Role): boolean => (rights[right] as readonly Role[]).includes(role)

/** What somebody may do who has these roles. */
export const rightsOf = (held: readonly Role[]): readonly Right[] =>
  everyRight.filter((right) => held.some((role) => mayIn(right, role)))

/** Who may do it, for where a page says for whom something waits. */
export const rolesFor = (right: Right): readonly Role[] => roles.filter((role) => mayIn(right, role))
