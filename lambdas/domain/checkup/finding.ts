import { plural } from '../core/text/plural.ts'

/** A value, or why it could not be read, and the repair or AWS permission needed. */
export type Fact<Value> =
  | { readonly value: Value }
  | { readonly unread: string; readonly right?: string; readonly repair?: string }

/** `unread`: unknown until a permission is granted. `note`: needs no action. */
type FindingState = 'good' | 'note' | 'broken' | 'unread'

export type Finding = {
  readonly check: string
  readonly state: FindingState
  readonly detail: string
  /** Set for every `broken` and `unread`. */
  readonly fix?: string
}

export const good = (check: string, detail: string): Finding => ({ check, state: 'good', detail })

export const note = (check: string, detail: string): Finding => ({ check, state: 'note', detail })

export const broken = (check: string, detail: string, fix: string): Finding => ({
  check,
  state: 'broken',
  detail,
  fix,
})

export const findingOf = <Value>(check: string, fact: Fact<Value>, judge: (value: Value) => Finding): Finding => {
  if ('value' in fact) return judge(fact.value)
  const { unread, right, repair = 'fix that, and check again' } = fact
  return {
    check,
    state: 'unread',
    detail: `could not be checked: ${unread}`,
    fix: right === undefined ? repair : `allow ${right}, and check again`,
  }
}

export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ state }) => state === 'good' || state === 'note')

/** Rounds down to the largest unit: `2 days`, `3 hours`. */
export const spanOf = (ms: number): string => {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  if (minutes < 120) return plural(minutes, 'minute')
  return minutes < 2_880 ? plural(Math.floor(minutes / 60), 'hour') : plural(Math.floor(minutes / 1_440), 'day')
}
