/**
 * The stack with mail, the interface for programs and the reading room, synthesised with its bundles once for all test
 * files of a run.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalHash } from '../../lambdas/domain/core/text/canonical.ts'
import { madeOnce } from './once.ts'
import { type Synthesised, synthesise } from './stack-here.ts'

const certificate = 'arn:aws:acm:eu-west-3:123456789012:certificate/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9'

export const sharedSettings = {
  mail: { from: 'vigie@example.org', domain: { name: 'reports.example.org', certificate } },
  api: { issuer: 'https://sign-in.example.org', audience: ['vigie'] },
  room: { issuer: 'https://sign-in.example.org', clientId: 'vigie', domain: { name: 'room.example.org' } },
}

export const sharedOrganisation = {
  logo: 'logo.svg',
  accent: '#5a2a6e',
  retention: { images: 30 },
  posts: { kanaky: { territories: ['NC'], marking: 'TLP:GREEN', map: { columns: { Qui: 'account' } } } },
}
const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'

export const sharedAssembly = async (): Promise<Synthesised> => {
  return once('assembly', async (made) => {
    const house = join(made, 'vigie.json')
    await writeFile(house, JSON.stringify(sharedOrganisation))
    await writeFile(join(made, 'logo.svg'), logo)
    return synthesise(join(made, 'out'), { ...sharedSettings, house })
  })
}

/**
 * The stack of these settings without bundles, synthesised once in a run: for who looks at its template, or starts none
 * of its functions.
 */
export const sharedTemplate = async (settings: Readonly<Record<string, unknown>> = {}): Promise<Synthesised> => {
  const name = `stack-${canonicalHash(settings).slice(0, 16)}`
  return once(name, (made) => synthesise(join(made, 'out'), settings, { bundled: false }))
}

const once = async (name: string, made: (folder: string) => Promise<Synthesised>): Promise<Synthesised> => {
  const file = 'assembly.json'
  const folder = await madeOnce(name, async (own) => writeFile(join(own, file), JSON.stringify(await made(own))))
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as Synthesised
}
