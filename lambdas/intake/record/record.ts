/**
 * What every reader of detections gives back: the detections, and what could be none, with enough of it to be put
 * right.
 */

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

/** A record that is no detection: where it is, why, and what it said. */
export type Reject = {
  readonly file: string
  /** Counted from 1. */
  readonly line?: number
  readonly id?: string
  /** The field that is wrong; empty where the record as a whole is. */
  readonly path: string
  readonly fault: Fault
  readonly message: string
  /** The record's text, at most 64 KB of it. */
  readonly raw: string
  /** Size of the whole record in UTF-8. */
  readonly bytes: number
  /** Hash of the whole record. */
  readonly sha256: string
  /** Where the record begins in the file, in bytes. */
  readonly offset?: number
  /** What the record needs before it to be read alone, such as a sheet's line of headings. */
  readonly context?: string | undefined
  readonly origin?: Origin | undefined
}

/** How a file was read: a record of it that was mended is read in the same way. */
export type Origin = Pick<IntakeOptions, 'territories' | 'observed'> & {
  readonly format: string
  /** What else the format's reader was told, such as the meaning of a sheet's columns: a plain JSON value. */
  readonly settings?: unknown
}

/** A detector's word that it ran, and how much it found: also nothing. */
export type Ran = {
  readonly detector: Detection['detector']
  /** ISO instant in UTC. */
  readonly at: string
  readonly found: number
}

/** Where a record stood and what it said, for where the store refuses it. */
type Received = Pick<Reject, 'line' | 'context' | 'origin'> & { readonly raw?: string }

/** What it would be told of as a fault, were the record a new detection. */
export type Missing = Refusal & { readonly field: 'title' | 'observed' }

export type IntakeRecord =
  | ({
      readonly detection: Detection
      /** Who the record names as its author, in a format that does so; null where it names none. */
      readonly author?: string | null
      /** Which fields the record itself says, in a format in which a person may correct some. */
      readonly correction?: Pick<Correcting, 'fields' | 'parts' | 'stated' | 'kind'>
      /**
       * What a new detection has and this record does not say: only one that is stored has it. A stand-in is in its
       * place.
       */
      readonly missing?: readonly [Missing, ...Missing[]]
      /** What was understood in one of several ways, and the detection does not show. */
      readonly doubts?: readonly Doubt[]
    } & Received)
  | ({ readonly ran: Ran; readonly raw: string } & Received)
  | { readonly accountSet: GivenAccountSet }
  | { readonly reject: Reject }

export type IntakeOptions = {
  readonly file: string
  /** The analyst's word on where it was aimed, for records that do not say it themselves. */
  readonly territories?: readonly TerritoryCode[]
  /** The analyst's word on when it was observed, for records that do not say it themselves. */
  readonly observed?: Observed
  /** What stands for an account's name, the same in every file and period; the name itself where this is left out. */
  readonly pseudonym?: (account: string) => string
  /** Whoever is told of the file's faults can say what its columns mean: by a command. */
  readonly canMap?: boolean | undefined
  /** Called with what is unusual in a file and stops nothing, and how often. */
  readonly note?: (what: Fault, count: number) => void
}

/** Records with how their file was read, for where they are rejected; what their reader knows better is kept. */
export const withOrigin = (origin: Origin): ((record: IntakeRecord) => IntakeRecord) => {
  // A reader gives all its records one origin, as a rule.
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

/** The reject of a row that is a part of a record: read alone, it would stand for the whole. */
export const notAlone = ({ context: _, ...reject }: Reject): Reject => reject

/** A reject of a record, from its text and what is known about it. */
export const rejectOf = (text: string, about: Omit<Reject, 'message' | 'raw' | 'bytes' | 'sha256'>): Reject => {
  const bytes = Buffer.from(text)
  const { id, path, fault, context, ...place } = about
  return {
    ...place,
    // Without the whole of it the record cannot be read alone.
    ...(context !== undefined && Buffer.byteLength(context) <= keptOfLongBytes && { context }),
    // A record may be hostile in every part: what quotes it stays short.
    ...(id !== undefined && { id: shortened(id, 256) }),
    path: shortened(path, 500),
    fault: bounded(fault),
    message: shortened(faultText(fault), 2_000),
    raw: startOf(text, bytes),
    bytes: bytes.length,
    sha256: sha256(bytes),
  }
}

/** A fault with each of its texts shortened. */
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
    : // Streaming leaves out the character that the cut goes through.
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, keptOfLongBytes), { stream: true })
