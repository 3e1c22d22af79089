import * as z from 'zod'
import { asMessage, type Fault, fault, type FaultCode, FaultError, faultOfThrown } from '../../domain/core/fault.ts'
import { refusalOf } from '../../domain/core/schema-fault.ts'
import { isRecord, parseJson } from '../../domain/core/text/parse-json.ts'
import { observedFrom } from '../../domain/core/time/observed.ts'
import { detectorSchema, readDetection } from '../../domain/detection/detection.ts'
import { orFault } from '../../domain/detection/fields.ts'
import { fieldsOf } from '../../domain/detection/revisions/correction.ts'
import { type IntakeOptions, type IntakeRecord, type Ran, rejectOf } from '../record/record.ts'
import { oddityIn } from './json-text.ts'

export type Place = {
  /** From 1. */
  readonly line: number
  /** Bytes, in the file as UTF-8. */
  readonly offset: number
}

/** @param advice for a text that is no JSON */
export const recordOf = (
  text: string,
  { line, offset }: Place,
  options: IntakeOptions,
  advice: FaultCode,
): IntakeRecord => {
  const reject = (reason: Fault, id?: string): IntakeRecord => ({
    reject: rejectOf(text, {
      ...{ file: options.file, line, offset, path: reason.path ?? '', fault: reason },
      ...(id !== undefined && { id }),
    }),
  })
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    const code = text.includes('\0') ? 'json.nulBytes' : 'json.notJson'
    return reject(fault(code, { reason: faultOfThrown(error), advice: fault(advice) }))
  }
  const odd = oddityIn(text)
  if (odd) return reject(odd, idOf(value))
  if (isWord(value)) {
    const word = ranSchema.safeParse(value)
    return word.success ? { ran: word.data, line, raw: text } : reject(refusalOf(word.error))
  }
  const result = readDetection(stated(value, options))
  if ('refusal' in result) return reject(result.refusal, idOf(value))
  const { detection } = result
  const correctionPart = isRecord(value) &&
    detection.detector.byHand && { correction: { fields: fieldsOf(value), kind: 'whole' as const } }
  return { detection, line, raw: text, ...correctionPart }
}

const instant = z.string().transform(
  orFault((written) => {
    const { precision, from } = observedFrom(written)
    if (precision === 'instant') return from
    throw new FaultError(fault('ran.notInstant', { text: written, precision: fault(`precision.${precision}`) }))
  }),
)

const ranSchema = z
  .strictObject({
    source: detectorSchema,
    ran: instant,
    found: z.number(asMessage('number.whole')).int(asMessage('number.whole')).min(0, asMessage('number.negative')),
  })
  .transform(({ source, ran, found }): Ran => ({ detector: source, at: ran, found }))

/** No detection has these fields. */
const isWord = (value: unknown): boolean => isRecord(value) && ('ran' in value || 'found' in value)

/** Fills in the command line's values where the record has none. */
const stated = (value: unknown, { territories, observed }: IntakeOptions): unknown => {
  if ((!territories && !observed) || !isRecord(value)) return value
  const placed = Array.isArray(value.territories) ? value.territories.length > 0 : value.territories !== undefined
  return {
    ...value,
    ...(territories && !placed && { territories: territories.map((code) => ({ code, method: 'analyst' })) }),
    ...(observed && value.observed === undefined && { observed }),
  }
}

const idOf = (value: unknown): string | undefined =>
  isRecord(value) && typeof value.id === 'string' ? value.id : undefined
