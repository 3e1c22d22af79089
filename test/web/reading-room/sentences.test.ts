/** Room sentences with a count: number, noun and verb agree at 0, 1 and 2. */
import { describe, expect, test } from 'vitest'
import { roomWordingOf, type RoomKey } from '../../../lambdas/web/shared/wording.ts'
import english from '../../../templates/messages/room.en.json' with { type: 'json' }
import french from '../../../templates/messages/room.fr.json' with { type: 'json' }

type Key = keyof typeof french

const all = { fr: french, en: english } as const
const others = new Set([
  'list',
  'which',
  'about',
  'file',
  'until',
  'by',
  'text',
  'caps',
  'marking',
  'via',
  'days',
  'at',
])

/** The arguments that a message takes, with something for each. */
const given = (message: string, count: number): Record<string, string | number> => {
  const names = [...message.matchAll(/\{(\w+)\s*[,}]/g)].map(([, name = '']) => name)
  return Object.fromEntries(
    names.map((name) => [
      name,
      others.has(name) && !message.includes(`{${name}, number`) ? 'zq' : name === 'count' ? count : 3,
    ]),
  )
}

const counted = (language: 'fr' | 'en') =>
  (Object.entries(all[language]) as [Key, string][]).filter(([, message]) => message.includes('{count, plural'))

describe.each(['fr', 'en'] as const)('in %s', (language) => {
  const words = roomWordingOf(language)
  const say = (key: Key, count: number) => words.say(key as RoomKey, given(all[language][key], count) as never)

  test('one differs from two, and zero reads as one in French alone', () => {
    const wrong: string[] = []
    for (const [key, message] of counted(language)) {
      const [none, one, two] = [say(key, 0), say(key, 1), say(key, 2)]
      if (one === two) wrong.push(`${key}: 1 and 2 read the same`)
      if (message.includes('{count, number}') && !two.includes('2')) wrong.push(`${key}: no 2 in “${two}”`)
      if (message.includes('=0 {')) continue
      if ((none.replaceAll('0', '1') === one) !== (language === 'fr') && none === one && language === 'en')
        wrong.push(`${key}: 0 reads as 1`)
    }
    expect(wrong).toEqual([])
  })

  test('a following sentence agrees too, but those that have no number', () => {
    const takes = (key: string) => (all[language] as Record<string, string>)[key]?.includes('{count, plural')
    const fixed: readonly string[] = [
      ...['unreadable', 'late', 'unmade', 'candidates', 'unplaced', 'lowered', 'contested'].map(
        (one) => `room.waits.${one}`,
      ),
      ...(language === 'en' ? ['room.waits.rejects'] : []),
    ]
    const same = Object.keys(all[language])
      .filter((key) => key.endsWith('.otherwise') && takes(key.slice(0, -'.otherwise'.length)))
      .filter((key) => !takes(key))
      .map((key) => key.slice(0, -'.otherwise'.length))
    expect(same.sort()).toEqual([...fixed].sort())
  })
})
