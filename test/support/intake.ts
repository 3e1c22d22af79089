/** Reads a text by one of the formats' readers, and sorts what comes out. */
import { existsSync } from 'node:fs'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { type Fault } from '../../lambdas/domain/core/fault.ts'
import type { Detection } from '../../lambdas/domain/detection/detection.ts'
import type { GivenAccountSet } from '../../lambdas/domain/detection/revisions/account-set.ts'
import type { IntakeOptions, IntakeRecord, Reject } from '../../lambdas/intake/record/record.ts'

/** A stream of the bytes, in pieces of a size. */
export async function* inPieces(content: string | Uint8Array, size = 1 << 16): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

type Taken = {
  readonly records: readonly IntakeRecord[]
  readonly detections: readonly Detection[]
  readonly rejects: readonly Reject[]
  readonly sets: readonly GivenAccountSet[]
  readonly notes: Readonly<Record<string, number>>
}

/** All that a reader gives; `file` is what it is told that the file is called. */
export const takenBy = async <Options extends IntakeOptions>(
  reader: (chunks: AsyncIterable<Uint8Array>, options: Options) => AsyncIterable<IntakeRecord>,
  chunks: AsyncIterable<Uint8Array>,
  options: Options,
): Promise<Taken> => {
  const notes: Record<string, number> = {}
  const note = (what: Fault, count: number) => {
    const text = faultText(what)
    notes[text] = (notes[text] ?? 0) + count
  }
  const records = await Array.fromAsync(reader(chunks, { note, ...options }))
  return {
    records,
    detections: records.flatMap((record) => ('detection' in record ? [record.detection] : [])),
    rejects: records.flatMap((record) => ('reject' in record ? [record.reject] : [])),
    sets: records.flatMap((record) => ('accountSet' in record ? [record.accountSet] : [])),
    notes,
  }
}

/** The message that a promise fails with; throws where it does not fail, or by another class of error. */
export const failureOf = async (work: Promise<unknown>, kind: new (...args: never[]) => Error): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof kind) return error.message
  throw new Error(`expected ${kind.name}, got ${String(error)}`, { cause: error })
}

/**
 * A file of ../shared/data, which is no part of the project. Where the folder is there, a file that is not fails its
 * test.
 */
export const shared = (path: string): URL => new URL(`../../../shared/data/${path}`, import.meta.url)

export const isShared = existsSync(shared('README.md'))
