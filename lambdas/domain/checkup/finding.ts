/** What a check-up finds: one sentence on each thing that was looked at, and how to fix it. */
import { plural } from '../core/text/plural.ts'

/** A fact, or why it could not be read, and the repair or the right that it takes. */
export type Fact<Value> =
  | { readonly value: Value }
  | { readonly unread: string; readonly right?: string; readonly repair?: string }

/**
 * *broken*: something does not work, or will not when it is needed. *unread*: not known, until the right is there.
 * *note*: worth knowing, and nothing to do.
 */
type FindingState = 'good' | 'note' | 'broken' | 'unread'

export type Finding = {
  readonly check: string
  readonly state: FindingState
  readonly detail: string
  /** What to do; of every *broken* and *unread*. */
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

/** The finding of a fact, or that the fact could not be read. */
export const findingOf = <Value>(check: string, fact: Fact<Value>, judge: (value: Value) => Finding): Finding => {
  if ('value' in fact) return judge(fact.value)
  const { unread, right, repair = 'mend that, and look again' } = fact
  return {
    check,
    state: 'unread',
    detail: `could not be looked at: ${unread}`,
    fix: right === undefined ? repair : `allow ${right}, and look again`,
  }
}

/** True where nothing is left to be done. */
export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ state }) => state === 'good' || state === 'note')

/** `2 days`, `3 hours`: a span in its largest unit, rounded down. */
export const spanOf = (ms: number): string => {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  if (minutes < 120) return plural(minutes, 'minute')
  return minutes < 2_880 ? plural(Math.floor(minutes / 60), 'hour') : plural(Math.floor(minutes / 1_440), 'day')
}
