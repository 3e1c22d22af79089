/** Builds the error summary of a refused form. */
import type { Segment } from '../../../domain/core/language/language.ts'
import { isRecord } from '../../../domain/core/text/parse-json.ts'
import type { RoomWording } from '../../shared/wording.ts'

type Value = Readonly<Record<string, unknown>>

type Refusal = {
  readonly texts: readonly (readonly Segment[])[]
  readonly fields: readonly { readonly href: string; readonly text: string }[]
}

export const refusalIn = (page: Value, words: RoomWording): Refusal | null => {
  const fields = new Map<string, string>()
  const texts = new Map<string, readonly Segment[]>()
  const say = (text: unknown) => {
    if (typeof text === 'string' && text !== '') texts.set(text, [{ text }])
    if (Array.isArray(text) && text.length > 0) texts.set(JSON.stringify(text), text)
  }
  const walk = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, key)
    if (!isRecord(value)) return
    const { wrong, name = key, label = value.legend } = value
    if (typeof wrong === 'string' && wrong !== '' && typeof name === 'string' && typeof label === 'string') {
      // Ingestion messages continue the column name: *is empty*.
      const isSentence = /^[^\p{Ll}]/u.test(wrong)
      fields.set(`#${name}`, words.say(isSentence ? 'room.mend.line' : 'room.refusal.of', { label, text: wrong }))
    }
    if ('faults' in value) say(value.problem)
    for (const [own, inner] of Object.entries(value)) walk(inner, own)
  }
  say(page.problem)
  say(page.fault)
  for (const part of ['closing', 'upload', 'refused']) {
    const own = page[part]
    if (!isRecord(own)) continue
    say(own.problem)
    say(own.fault)
  }
  if (isRecord(page.faster)) {
    say(page.faster.title)
    say(page.faster.text)
  }
  walk(page, '')
  if (texts.size === 0 && fields.size === 0) return null
  if (texts.size === 0) say(words.say('room.refusal', { count: fields.size }))
  return { texts: [...texts.values()], fields: [...fields].map(([href, text]) => ({ href, text })) }
}
