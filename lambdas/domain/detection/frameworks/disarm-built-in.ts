/**
 * DISARM red framework v1.6 and documented replacements of removed ids. The data is under CC BY-SA 4.0 (DISARM
 * Foundation). French names are VIGINUM's of v1.3 (CC BY 4.0), where v1.6 has the same English name.
 */
import { nameIn } from '../../core/text/localised.ts'
import type { Detection } from '../detection.ts'
import disarm from './disarm.json' with { type: 'json' }
import { frameworkOf, type Taxonomy } from './disarm.ts'

const { stix, ...framework } = disarm

export const builtInDisarm: Taxonomy = { ...framework, framework: 'DISARM' }

/** Author of the official STIX objects of v1.6, and the creation time of the first. */
export const disarmObjects = { author: stix.author, created: stix.created } as const

const officialIds = new Map(stix.techniques.map(([id = '', uuid = '']) => [id, `attack-pattern--${uuid}`]))

export const officialTechniqueId = (id: string): string | undefined => officialIds.get(id)

const englishNames = new Map(
  [...builtInDisarm.techniques.map(({ id, names }) => [id, names.en] as const)].concat(
    builtInDisarm.removed.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const])),
  ),
)

/** The framework's name for its current and removed ids, else the source's, else the id. */
export const techniqueName = (technique: Detection['techniques'][number]): string => {
  const { id, name } = technique
  const official = frameworkOf(technique) === 'DISARM' ? englishNames.get(id) : undefined
  return official ?? (name === undefined ? id : nameIn(name, 'en').text)
}
