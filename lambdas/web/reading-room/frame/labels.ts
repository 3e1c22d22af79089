/**
 * Labels and initial values of form fields. Each form sends them back: one refused for a missing session can be shown
 * with labels without reading stored data.
 */
import * as z from 'zod'
import { sha256 } from '../../../domain/core/text/canonical.ts'
import { isRecord } from '../../../domain/core/text/parse-json.ts'
import { jsonIn } from '../../shared/forms.ts'

/** By field name: label, hash of the initial value (empty if none), whether it is a list. */
const labelsSchema = z.strictObject({
  fields: z.record(z.string(), z.tuple([z.string().max(200), z.string().max(16), z.boolean()])),
  words: z.record(z.string(), z.string().max(200)),
})

export type Labels = z.output<typeof labelsSchema>

type Value = Readonly<Record<string, unknown>>

export const labelsName = 'labels'

const maxLabel = 80

/** Ignores line endings and order, which browsers change. */
const hashOf = (values: readonly string[]): string => {
  const filled = values.map((one) => one.replace(/\r\n?/g, '\n').trim()).filter((one) => one !== '')
  return filled.length === 0 ? '' : sha256(filled.toSorted().join('\n')).slice(0, 8)
}

/**
 * Empty for a page without a form that acts.
 * @param sent labels of the previous form: its initial values still apply
 */
export const labelsOf = (page: Value, sent: Labels | undefined): string => {
  const fields: Record<string, [string, string, boolean]> = {}
  const words: Record<string, string> = {}
  let hasForm = false
  const entries = (list: unknown): readonly Value[] => (Array.isArray(list) ? list.filter(isRecord) : [])
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one)
    if (!isRecord(value)) return
    hasForm ||= 'faults' in value || 'token' in value
    const { name, label = value.legend } = value
    if (typeof name === 'string' && typeof label === 'string' && !(name in fields)) {
      const region = isRecord(value.region) ? value.region.items : undefined
      const [chosen, ticked] = [entries(value.choices), [...entries(value.items), ...entries(region)]]
      for (const one of [...chosen, ...ticked]) {
        if (one.value !== one.label && one.value !== '') words[String(one.value)] = String(one.label)
      }
      const isList = chosen.length + ticked.length > 0
      const initialValues = isList
        ? [
            ...[chosen.find(({ selected }) => selected) ?? chosen[0] ?? { value: '' }],
            ...ticked.filter(({ checked }) => checked),
          ].map((one) => String(one.value))
        : [String(value.value ?? '')]
      fields[name] = [
        label.slice(0, maxLabel).toWellFormed(),
        sent ? (sent.fields[name]?.[1] ?? '') : hashOf(initialValues),
        isList,
      ]
    }
    for (const inner of Object.values(value)) walk(inner)
  }
  walk(page)
  return hasForm ? JSON.stringify({ fields, words } satisfies Labels) : ''
}

/** For a form without labels: all its values count as typed. */
export const noLabels: Labels = { fields: {}, words: {} }

/** Undefined for an invalid list. */
export const labelsIn = (text: string): Labels | undefined => jsonIn(text, labelsSchema)

/** Returns the changed fields by label; unchanged initial values are omitted. */
export const typedBy = (
  { fields, words }: Labels,
  sent: ReadonlyMap<string, readonly string[]>,
  list: (texts: readonly string[]) => string,
): readonly { readonly label: string; readonly text: string }[] =>
  Object.entries(fields).flatMap(([name, [label, was, isList]]) => {
    const values = (sent.get(name) ?? []).filter((one) => one.trim() !== '')
    if (values.length === 0 || hashOf(values) === was) return []
    return [{ label, text: list(values.map((one) => (isList ? (words[one] ?? one) : one))) }]
  })
