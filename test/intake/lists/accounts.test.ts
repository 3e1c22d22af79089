/** Lists of accounts: columns, spellings, addresses of profiles, and rejects. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountName, pseudonymOf } from '../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { type AccountsOptions, readAccounts } from '../../../lambdas/intake/lists/accounts.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { profileName } from '../../../lambdas/intake/record/profiles.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

const pseudonym = pseudonymOf(Buffer.alloc(32, 7))

const read = async (text: string | Uint8Array, options: Partial<AccountsOptions> = {}) => {
  const { sets, detections, ...taken } = await takenBy(readAccounts, inPieces(text), {
    file: 'lists/cluster.csv',
    ...options,
  })
  expect([sets.length <= 1, detections]).toEqual([true, []])
  return { set: sets[0], ...taken }
}
const failure = (text: string, options: Partial<AccountsOptions> = {}) => failureOf(read(text, options), FileError)

describe('a list of accounts', () => {
  test('becomes one set, named after its file', async () => {
    const { set, rejects } = await read('handle,followers\n@Zoe,12\nbob,3\n')
    expect(set).toEqual({ id: 'cluster', name: 'cluster', accounts: ['bob', 'zoe'] })
    expect(rejects).toEqual([])
  })

  test('has the given id and name, or those of its file’s name', async () => {
    const { set } = await read('handle\nbob\n', { set: { id: 'big-423', name: 'The cluster' } })
    expect(set).toMatchObject({ id: 'big-423', name: 'The cluster' })
    const { set: named } = await read('handle\nbob\n', { file: 'C:\\listes\\Été_2024, réseau n° 2.CSV' })
    expect(named).toMatchObject({ id: 'ete-2024-reseau-n-2', name: 'Été 2024, réseau n° 2' })
  })

  test.each([...['account_ref', 'Compte', 'HANDLE', 'User name', 'Nom d’utilisateur', 'Identifiant', 'account-id']])(
    'is read from the column %s',
    async (heading) => {
      const { set } = await read(`followers;${heading};created_at\n5;bob;2012-01-02\n`)
      expect(set?.accounts).toEqual(['bob'])
    },
  )

  test('prefers the name to the id', async () => {
    expect((await read('user_id,username\n17,bob\n')).set?.accounts).toEqual(['bob'])
  })

  test('may have no headings: one name a line', async () => {
    const { set, notes } = await read('@Zoe\n\nbob\n')
    expect(set?.accounts).toEqual(['bob', 'zoe'])
    expect(notes).toEqual({})
    const bare = await read('zoe\nbob\n')
    expect(bare.set?.accounts).toEqual(['bob', 'zoe'])
    expect(bare.notes).toEqual({ 'first line taken for an account, since it is no known heading': 1 })
  })

  test('in any encoding and with any separator', async () => {
    const text = 'compte;abonnés\nÉlodie;5\n'
    for (const encoded of [
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'latin1'),
    ]) {
      expect((await read(encoded)).set?.accounts).toEqual(['élodie'])
    }
  })

  test('holds each account once, in one spelling, and notes repetitions', async () => {
    const list = 'account\n@Bob\nBOB\n bob \nhttps://x.com/Bob\nhxxps://twitter[.]com/bob/\n@eve\n'
    const { set, notes } = await read(list)
    expect(set?.accounts).toEqual(['bob', 'eve'])
    expect(notes).toEqual({ 'account listed more than once': 4 })
  })

  test('holds pseudonyms where required, and leaves pseudonyms as they are', async () => {
    const names = 'account\n@Bob\neve\n'
    const { set } = await read(names, { pseudonym })
    expect(set?.accounts).toEqual(['bob', 'eve'].map(pseudonym).sort())
    const again = await read(`account\n${set?.accounts.join('\n')}\n`, { pseudonym })
    expect(again.set?.accounts).toEqual(set?.accounts)
  })

  test('drops the apostrophe that guards a name', async () => {
    expect((await read("account\n'@bob\n'=eve\n'o'neil\n")).set?.accounts).toEqual(["'o'neil", '=eve', 'bob'])
  })
})

describe('what is refused', () => {
  test('rows without an account, each with its place and a remedy', async () => {
    const long = 'a'.repeat(257)
    const list = `followers,account\n5,\n5,1.79758E+18\n5,@\n5,${long}\n5,bo\u0007b\n5,https://x.com/bob/status/17\n5,bob\n`
    const { set, rejects } = await read(list)
    expect(set?.accounts).toEqual(['bob'])
    expect(rejects.map(({ line, path, message, raw }) => [line, path, message, raw])).toEqual([
      [2, 'account', 'is empty', '5,'],
      [3, 'account', 'is 1.79758E+18, an id that a spreadsheet has rounded: export it again, as text', '5,1.79758E+18'],
      [4, 'account', '"@" names no account', '5,@'],
      [5, 'account', 'has 257 characters, over the 256 that an id may have', `5,${long}`],
      [6, 'account', 'must hold printable characters only', '5,bo\u0007b'],
      [
        7,
        'account',
        `"https://x.com/bob/status/17" is the address of no profile that is known: write the account's name`,
        '5,https://x.com/bob/status/17',
      ],
    ])
    expect(rejects[1]?.offset).toBe(21)
  })

  test('rows that cannot be read alone, which would make each the whole set', async () => {
    const { rejects } = await read('account,followers\n,5\n"bob,5\neve,1,2,3\nzoe,1\n')
    expect(rejects.length).toBeGreaterThanOrEqual(3)
    for (const reject of rejects) expect(reject).not.toHaveProperty('context')
  })

  test('a list of bad rows, without a set', async () => {
    const { set, rejects } = await read('account,followers\n,5\n')
    expect(set).toBeUndefined()
    expect(rejects).toHaveLength(1)
  })

  test('a first line that is no account, with its place', async () => {
    const { set, rejects } = await read('https://example.org/page\nbob\n')
    expect(set?.accounts).toEqual(['bob'])
    expect(rejects).toMatchObject([{ line: 1, offset: 0, path: 'account', raw: 'https://example.org/page' }])
  })

  test('a file without accounts, or without a known column', async () => {
    expect(await failure('')).toBe('lists/cluster.csv lists no account: write one on each line')
    expect(await failure('account\n\n')).toBe('lists/cluster.csv lists no account: write one on each line')
    expect(await failure('who,when\nbob,2024\n')).toBe(
      'lists/cluster.csv has no column of accounts among "who", "when": name the column "account", or leave the other columns out',
    )
  })

  test('a set without a valid id', async () => {
    expect(await failure('account\nbob\n', { file: '-' })).toContain('give the set an id')
    for (const id of ['', ' a', 'a\u0000b', 'a'.repeat(129)]) {
      expect(await failure('account\nbob\n', { set: { id } })).toContain('is no id of a set')
    }
  })
})

test('no row is lost: each is in the set, a repetition or a reject', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('@bob', 'BOB', '', 'NA', '1E+10', "'=bob", 'x.com/bob', 'https://', '\u202eevil', 'x.com/%E0'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1 }), async (cells) => {
      const rows = cells.map((one) => `"${one.replaceAll('"', '""').replaceAll(/[\r\n\0]/g, ' ')}",5`)
      const { set, rejects, notes } = await read(`account,followers\n${rows.join('\n')}\n`)
      const accounts = set?.accounts ?? []
      expect(accounts.length + rejects.length + (notes['account listed more than once'] ?? 0)).toBe(rows.length)
      expect(accounts).toEqual([...new Set(accounts)].sort())
      for (const account of accounts) expect(accountName(account)).toBe(account)
    }),
  )
})

describe('addresses of profiles', () => {
  test.each([
    ['https://x.com/Popa_Mariannn', 'Popa_Mariannn'],
    ['x[.]com/popa', 'popa'],
    ['https://mobile.twitter.com/i/user/1797584320938545153', '1797584320938545153'],
    ['https://www.facebook.com/profile.php?id=1000123', '1000123'],
    ['https://fr-fr.facebook.com/some.one/', 'some.one'],
    ['https://www.facebook.com/people/Some-One/61550000000000', '61550000000000'],
    ['www.tiktok[.]com/@emil.m', 'emil.m'],
    ['https://t.me/s/Some_Channel', 'Some_Channel'],
    ['https://www.youtube.com/channel/UCYV-Ra383fb4sTaXqi-XV5Q', 'UCYV-Ra383fb4sTaXqi-XV5Q'],
    ['www.youtube[.]com/@M%C4%83tu-r4y', 'Mătu-r4y'],
    ['https://www.instagram.com/some.one/?hl=fr', 'some.one'],
    ['https://mastodon.example/@eve', 'eve@mastodon.example'],
    ['https://bsky.app/profile/eve.example.org', 'eve.example.org'],
  ])('%s is %s', (address, name) => {
    expect(profileName(address)).toBe(name)
  })

  test.each([
    'https://x.com/bob/status/1797584320938545153',
    'https://x.com/home',
    'https://www.facebook.com/groups/123',
    'https://www.facebook.com/story.php?id=1',
    'https://www.youtube.com/watch?v=FXCzsTm4GHU',
    'https://t.me/some_channel/42',
    'https://t.me/+AAAAA',
    'https://example.org/eve',
    'javascript://x.com/bob',
  ])('%s is none', (address) => {
    expect(profileName(address)).toBeUndefined()
  })
})
