/**
 * Every hostile value in every field of every intake format: stored and harmless, or refused with a reason; never lost.
 */
import { describe, expect, test } from 'vitest'
import { markings } from '../../../lambdas/domain/core/marking.ts'
import { type Detection, readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { fileFormats } from '../../../lambdas/intake/file-formats.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import type { IntakeRecord, Reject } from '../../../lambdas/intake/record/record.ts'
import { called, corpus, hostileKinds } from '../../hostile/corpus.ts'
import { type Carrier, carriers, sentIn } from '../../hostile/formats.ts'

type Read = { readonly records: readonly IntakeRecord[]; readonly refusal?: string }

/** Reads a file with the value. @throws any error but a refused file */
const readWith = async ({ format, write }: Carrier, value: string): Promise<Read> => {
  const records: IntakeRecord[] = []
  try {
    for await (const record of sentIn(format, write(value))) records.push(record)
    return { records }
  } catch (error) {
    if (error instanceof FileError) return { records, refusal: error.message }
    throw error
  }
}

const stringsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...stringsIn(inner)])
}

/** In no stored text: control characters but tab and line end, and half characters. */
const unfit = /[^\P{Cc}\t\n\r]|\p{Cs}/u

const checkTaken = (detection: Detection) => {
  const read = readDetection(JSON.parse(JSON.stringify(detection)))
  expect(read, JSON.stringify(read)).toEqual({ detection })
  expect(stringsIn(detection).filter((text) => unfit.test(text))).toEqual([])
  expect(markings).toContain(detection.marking)
}

const checkReject = ({ message, raw, file }: Reject) => {
  expect(message.trim()).not.toBe('')
  expect(message.length).toBeLessThanOrEqual(2_001)
  expect(message.isWellFormed()).toBe(true)
  expect(raw).not.toBe('')
  expect(file).toMatch(/^(?:hostile\.\w+|posts\.csv)$/)
}

test('every format is tried', () => {
  expect(new Set(carriers.map(({ format }) => format))).toEqual(new Set(fileFormats))
})

describe.each(fileFormats)('%s', (format) => {
  test.each(carriers.filter((one) => one.format === format).map((one) => [one.field, one] as const))(
    'stores what it can of a hostile %s, and gives a reason for the rest',
    async (_, carrier) => {
      for (const hostile of corpus) {
        const { records, refusal } = await readWith(carrier, hostile.value)
        try {
          expect(records.length + (refusal === undefined ? 0 : 1)).toBeGreaterThan(0)
          if (refusal !== undefined) expect(refusal.trim()).not.toBe('')
          for (const record of records) {
            if ('detection' in record) checkTaken(record.detection)
            else if ('reject' in record) checkReject(record.reject)
            else expect(stringsIn(record).filter((text) => unfit.test(text))).toEqual([])
          }
        } catch (cause) {
          throw new Error(`${called(hostile)}`, { cause })
        }
      }
      expect(Object.keys(Object.prototype)).toEqual([])
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
  )
})

test.each(carriers.filter(({ field }) => field === 'marking').map((one) => [one.format, one] as const))(
  'a hostile value in the marking of %s is no marking',
  async (_, carrier) => {
    for (const hostile of corpus) {
      const { records } = await readWith(carrier, hostile.value)
      expect(records.filter((record) => 'detection' in record).length, called(hostile)).toBe(0)
    }
  },
)

/** How many values of each kind a field accepts. */
const acceptedOf = async (field: string): Promise<Readonly<Record<string, string>>> => {
  const carrier = carriers.find((one) => one.format === 'ndjson' && one.field === field)
  if (!carrier) throw new Error(`nothing carries ${field}`)
  const accepted: Record<string, string> = {}
  for (const kind of hostileKinds) {
    const values = corpus.filter((one) => one.kind === kind)
    const read = await Promise.all(values.map(({ value }) => readWith(carrier, value)))
    const count = read.filter(({ records }) => records.some((record) => 'detection' in record)).length
    accepted[kind] = count === values.length ? 'all' : count === 0 ? 'none' : `${count} of ${values.length}`
  }
  return accepted
}

test('a name accepts one printable line; a text accepts all but control and half characters', async () => {
  const all = Object.fromEntries(hostileKinds.map((kind) => [kind, 'all']))
  expect(await acceptedOf('summary')).toEqual({
    ...all,
    'control characters': '1 of 8',
    'halves of characters': 'none',
    huge: '2 of 4',
    path: '6 of 7',
  })
  expect(await acceptedOf('campaign')).toEqual({
    ...all,
    formula: '9 of 11',
    'mail header': '2 of 6',
    Markdown: '4 of 6',
    address: '8 of 9',
    'turned direction': '1 of 3',
    'unseen characters': '2 of 6',
    'control characters': 'none',
    'halves of characters': 'none',
    huge: 'none',
    nesting: '1 of 4',
    marking: '4 of 5',
    path: '6 of 7',
  })
})
