/**
 * What a page calls the fields of its forms, and what these said before anybody typed: each form sends it back, so that
 * one which is refused for want of a session is told in the words of its page, without reading what is stored.
 */
import * as z from 'zod'
import { sha256 } from '../../../domain/core/text/canonical.ts'
import { jsonIn } from '../../shared/forms.ts'

/**
 * By a field's name its label, a hash of what it said at first (empty where that was nothing), and whether it is one of
 * a list.
 */
const labelsSchema = z.strictObject({
  fields: z.record(z.string(), z.tuple([z.string().max(200), z.string().max(16), z.boolean()])),
  /** What the values of lists are called. */
  words: z.record(z.string(), z.string().max(200)),
})

export type Labels = z.output<typeof labelsSchema>

type Value = Readonly<Record<string, unknown>>

const isValue = (value: unknown): value is Value => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The name of the field that holds them. */
export const labelsName = 'labels'

const maxLabel = 80

/** The same for what a browser sends of the same fields, whatever its line ends and order. */
const hashOf = (values: readonly string[]): string => {
  const filled = values.map((one) => one.replace(/\r\n?/g, '\n').trim()).filter((one) => one !== '')
  return filled.length === 0 ? '' : sha256(filled.toSorted().join('\n')).slice(0, 8)
}

/**
 * Of a page's own values, where it has a form that does something; empty where it has none.
 * @param sent those of the form that led here: what it was first drawn from still counts
 */
export const labelsOf = (page: Value, sent: Labels | undefined): string => {
  const fields: Record<string, [string, string, boolean]> = {}
  const words: Record<string, string> = {}
  let hasForm = false
  const entries = (list: unknown): readonly Value[] => (Array.isArray(list) ? list.filter(isValue) : [])
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one)
    if (!isValue(value)) return
    hasForm ||= 'faults' in value || 'token' in value
    const { name, label = value.legend } = value
    if (typeof name === 'string' && typeof label === 'string' && !(name in fields)) {
      const region = isValue(value.region) ? value.region.items : undefined
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

/** Of a form that sent none: whatever its fields say by now was typed, as far as anybody knows. */
export const noLabels: Labels = { fields: {}, words: {} }

/** As a form sends them; undefined for what is no list of labels. */
export const labelsIn = (text: string): Labels | undefined => jsonIn(text, labelsSchema)

/** What somebody typed, by what its field is called; what says still what it said at first is left out. */
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
