/** A row of the matrix of faults: one fault, injected for real, and what it cost. */
import type { Grounds } from './grounds.ts'
import type { NotHere } from './small-disk.ts'

export type { NotHere }

/** What was found not to hold, each in a few words; nothing where all is well. */
export type Cost = {
  /** Detections, versions or mails that are gone, or never came. */
  readonly lost: readonly string[]
  /** What is there more than once: counted, published or mailed. */
  readonly twice: readonly string[]
  /** What the archive's own check names. */
  readonly unverified: readonly string[]
}

export type Outcome = Cost & {
  /** How often the fault happened: a row whose fault never came about proves nothing. */
  readonly injected: number
  /** What was done about it, and what was left to a person. */
  readonly done: string
}

export type Row = {
  readonly group: string
  readonly name: string
  readonly where: string
  inject(grounds: Grounds): Promise<Outcome | NotHere>
}

export const costOf = (costs: readonly Cost[]): Cost => ({
  lost: costs.flatMap(({ lost }) => lost),
  twice: costs.flatMap(({ twice }) => twice),
  unverified: costs.flatMap(({ unverified }) => unverified),
})

export const lostOnly = (...lost: readonly string[]): Cost => ({ lost, twice: [], unverified: [] })

/** What did not end as it must: its work is not done, so it is lost. */
export const endedWith = (
  what: string,
  ran: { readonly code: number | null; readonly stderr: string },
  code = 0,
): Cost =>
  ran.code === code ? lostOnly() : lostOnly(`${what} ended with ${ran.code}: ${ran.stderr.trim().slice(-200)}`)
