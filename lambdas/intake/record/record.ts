import { faultText } from '../../domain/core/fault-text.ts'
import { type Fault, type FaultValue } from '../../domain/core/fault.ts'
import type { TerritoryCode } from '../../domain/core/place/territory.ts'
import type { Refusal } from '../../domain/core/schema-fault.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import type { Observed } from '../../domain/core/time/observed.ts'
import type { Detection } from '../../domain/detection/detection.ts'
import type { Doubt } from '../../domain/detection/names/doubts.ts'
import type { GivenAccountSet } from '../../domain/detection/revisions/account-set.ts'
import type { Correcting } from '../../domain/detection/revisions/correction.ts'
import { keptOfLongBytes } from '../text/lines.ts'

export type Reject = {
  readonly file: string
  /** From 1. */
  readonly line?: number
  readonly id?: string
  /** Empty where the whole record is wrong. */
  readonly path: string
  readonly fault: Fault
  readonly message: string
  /** At most 64 KB. */
  readonly raw: string
  /** Of the whole record, in UTF-8. */
  readonly bytes: number
  /** Of the whole record. */
  readonly sha256: string
  /** In bytes. */
  readonly offset?: number
  /** Needed to read the record alone, such as the headings. */
  readonly context?: string | undefined
  readonly origin?: Origin | undefined
}

/** Lets a fixed record be read in the same way. */
export type Origin = Pick<IntakeOptions, 'territories' | 'observed' | 'publisher'> & {
  readonly format: string
  /** Plain JSON. */
  readonly settings?: unknown
}

/** A detector's report that it ran. */
export type Ran = {
  readonly detector: Detection['detector']
  /** ISO instant in UTC. */
  readonly at: string
  readonly found: number
}

/** For refusals by the store. */
type Received = Pick<Reject, 'line' | 'context' | 'origin'> & { readonly raw?: string }

/** The fault that a new detection without the field would get. */
export type Missing = Refusal & { readonly field: 'title' | 'observed' }

export type IntakeRecord =
  | ({
      readonly detection: Detection
      /** Null where the record names none; absent where the format cannot. */
      readonly author?: string | null
      readonly correction?: Pick<Correcting, 'fields' | 'parts' | 'stated' | 'kind'>
      /** Only a stored detection can supply these; the detection has stand-ins. */
      readonly missing?: readonly [Missing, ...Missing[]]
      /** Ambiguous readings that the detection does not show. */
      readonly doubts?: readonly Doubt[]
    } & Received)
  | ({ readonly ran: Ran; readonly raw: string } & Received)
  | { readonly accountSet: GivenAccountSet }
  | { readonly reject: Reject }

export type IntakeOptions = {
  readonly file: string
  /** A fallback from the analyst. */
  readonly territories?: readonly TerritoryCode[]
  /** A fallback from the analyst. */
  readonly observed?: Observed
  /** Source of the attributions of a bundle that names none. */
  readonly publisher?: string | undefined
  /** The same in every file and period; without it, names are kept. */
  readonly pseudonym?: (account: string) => string
  /** For dates without a year. */
  readonly now?: Date
  /** One record by hand: a cell that cannot be read is a fault, not left unknown. */
  readonly isAlone?: boolean
  /** The caller can supply a mapping by a command. */
  readonly canMap?: boolean | undefined
  /** Receives oddities that stop nothing, with their count. */
  readonly note?: (what: Fault, count: number) => void
}

/** Values from the reader win. */
export const withOrigin = (origin: Origin): ((record: IntakeRecord) => IntakeRecord) => {
  // A reader usually gives all its records one origin.
  let last: Origin | undefined
  let merged = origin
  const originOf = (own: Origin | undefined): Origin => {
    if (own === undefined) return origin
    if (own !== last) merged = { ...origin, ...own }
    last = own
    return merged
  }
  return (record) => {
    if ('reject' in record) return { reject: { ...record.reject, origin: originOf(record.reject.origin) } }
    return 'accountSet' in record ? record : { ...record, origin: originOf(record.origin) }
  }
}

/** Removes the context: read alone, a part would pass for the whole record. */
export const notAlone = ({ context: _, ...reject }: Reject): Reject => reject

export const rejectOf = (text: string, about: Omit<Reject, 'message' | 'raw' | 'bytes' | 'sha256'>): Reject => {
  const bytes = Buffer.from(text)
  const { id, path, fault, context, ...place } = about
  return {
    ...place,
    // Without the whole context the record cannot be read alone.
    ...(context !== undefined && Buffer.byteLength(context) <= keptOfLongBytes && { context }),
    // A record may be hostile in every part.
    ...(id !== undefined && { id: shortened(id, 256) }),
    path: shortened(path, 500),
    fault: bounded(fault),
    message: shortened(faultText(fault), 2_000),
    raw: startOf(text, bytes),
    bytes: bytes.length,
    sha256: sha256(bytes),
  }
}

const bounded = <Value extends FaultValue>(value: Value): Value => {
  if (typeof value === 'string') return shortened(value, 500) as Value
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.slice(0, 50).map(bounded) as unknown as Value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, bounded(one)])) as Value
}

const shortened = (text: string, longest: number): string =>
  (text.length <= longest ? text : `${text.slice(0, longest)}…`).toWellFormed()

const startOf = (text: string, bytes: Buffer): string =>
  bytes.length <= keptOfLongBytes
    ? text
    : // Streaming leaves out a character that the cut splits.
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, keptOfLongBytes), { stream: true })
