import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { recallMail } from '../../lambdas/mail/short-mail.ts'

const textOf = async (inForce: number | undefined): Promise<string> => {
  const { mail } = await recallMail({
    to: { id: 'r1', address: 'prefet@example.org', language: 'en', territories: ['MQ'] },
    from: 'vigie@example.org',
    contact: undefined,
    date: new Date('2024-05-20T00:00:00Z'),
    about: { territory: 'Martinique', kind: 'weekly report', period: 'week 20', marking: 'TLP:GREEN', version: 3 },
    reason: undefined,
    inForce,
  })
  return (await PostalMime.parse(mail.raw)).text?.replaceAll(/\s+/g, ' ') ?? ''
}

test('a recall calls current only a version that comes after the recalled one', async () => {
  expect(await textOf(4)).toContain('Version 4 is current.')
  expect(await textOf(undefined)).toContain('No version is current.')
  const earlier = await textOf(2)
  expect(earlier).toContain('Version 2 is the latest one that is not recalled. Version 3 had replaced it')
  expect(earlier).not.toContain('is current')
})
