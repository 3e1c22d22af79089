/**
 * What STIX 2.1 asks of a bundle, independent of the writer: the common properties by MITRE's schemas
 * (attack-data-model, on npm), each type's own by JSON Schema written from the text of the standard, and the references
 * by walking them.
 */
import {
  extensionsSchema,
  externalReferencesSchema,
  stixDomainObjectSchema,
  stixRelationshipObjectSchema,
} from '@mitre-attack/attack-data-model/dist/schemas/common/index.js'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'

type Loose = { readonly type: string; readonly id: string; readonly [property: string]: unknown }

// MITRE lists the types that ATT&CK uses; the standard has more. Types, ids and what a type adds are checked below.
const common = stixDomainObjectSchema.omit({ id: true, type: true, extensions: true }).loose()
const commonOfRelations = stixRelationshipObjectSchema.omit({ id: true, type: true, extensions: true }).loose()

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
const text = { type: 'string', minLength: 1 }
const stamp = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$', format: 'date-time' }
const idOf = (...types: readonly string[]) => ({ type: 'string', pattern: `^(${types.join('|')})--${uuid}$` })
const anyId = idOf('[a-z0-9-]+')
const idList = (...types: readonly string[]) => ({
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: types.length > 0 ? idOf(...types) : anyId,
})

/** Properties that every STIX domain object, relationship and most meta objects may have. */
const shared = {
  type: text,
  spec_version: { const: '2.1' },
  id: anyId,
  created_by_ref: idOf('identity'),
  created: stamp,
  modified: stamp,
  revoked: { type: 'boolean' },
  labels: { type: 'array', minItems: 1, items: text },
  confidence: { type: 'integer', minimum: 0, maximum: 100 },
  lang: text,
  external_references: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      required: ['source_name'],
      properties: { source_name: text, description: text, url: { ...text, format: 'uri' }, external_id: text },
      anyOf: [{ required: ['description'] }, { required: ['url'] }, { required: ['external_id'] }],
      additionalProperties: false,
    },
  },
  object_marking_refs: idList('marking-definition'),
  granular_markings: { type: 'array', minItems: 1 },
  extensions: { type: 'object', minProperties: 1, propertyNames: idOf('extension-definition') },
}

const sdo = (type: string, required: readonly string[], properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: ['type', 'spec_version', 'id', 'created', 'modified', ...required],
  properties: { ...shared, ...properties, type: { const: type }, id: idOf(type) },
  additionalProperties: false,
})

const sco = (type: string, required: string) => ({
  type: 'object',
  required: ['type', 'id', required],
  properties: {
    type: { const: type },
    spec_version: { const: '2.1' },
    id: { type: 'string', pattern: `^${type}--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$` },
    object_marking_refs: shared.object_marking_refs,
    extensions: shared.extensions,
    defanged: { type: 'boolean' },
    [required]: text,
  },
  additionalProperties: false,
})

const named = { name: text, description: text }

/** By type, after the sections of the standard that define them. */
const schemas: Readonly<Record<string, object>> = {
  'attack-pattern': sdo('attack-pattern', ['name'], {
    ...named,
    aliases: { type: 'array', items: text },
    kill_chain_phases: { type: 'array', minItems: 1 },
  }),
  campaign: sdo('campaign', ['name'], { ...named, aliases: {}, first_seen: stamp, last_seen: stamp, objective: text }),
  // OpenCTI's own, allowed by an extension that says `new-sdo`.
  note: sdo('note', ['content', 'object_refs'], {
    abstract: text,
    content: text,
    authors: { type: 'array', items: text },
    object_refs: idList(),
  }),
  narrative: sdo('narrative', ['name', 'extensions'], { ...named, narrative_types: {} }),
  channel: sdo('channel', ['name', 'extensions'], {
    ...named,
    channel_types: { type: 'array', minItems: 1, items: text },
  }),
  identity: sdo('identity', ['name'], {
    ...named,
    roles: { type: 'array' },
    identity_class: { enum: ['individual', 'group', 'system', 'organization', 'class', 'unknown'] },
    sectors: { type: 'array' },
    contact_information: text,
  }),
  incident: sdo('incident', ['name'], named),
  infrastructure: sdo('infrastructure', ['name'], {
    ...named,
    infrastructure_types: { type: 'array', minItems: 1, items: text },
    aliases: {},
    kill_chain_phases: { type: 'array', minItems: 1 },
    first_seen: stamp,
    last_seen: stamp,
  }),
  location: {
    ...sdo('location', [], {
      ...named,
      latitude: { type: 'number' },
      longitude: { type: 'number' },
      region: text,
      country: { type: 'string', pattern: '^[A-Z]{2}$' },
      administrative_area: text,
      city: text,
    }),
    anyOf: [{ required: ['region'] }, { required: ['country'] }, { required: ['latitude', 'longitude'] }],
  },
  report: sdo('report', ['name', 'published', 'object_refs'], {
    ...named,
    report_types: { type: 'array', minItems: 1, items: text },
    published: stamp,
    object_refs: idList(),
  }),
  'intrusion-set': sdo('intrusion-set', ['name'], { ...named, aliases: {} }),
  'threat-actor': sdo('threat-actor', ['name'], { ...named, threat_actor_types: { type: 'array' }, aliases: {} }),
  relationship: sdo('relationship', ['relationship_type', 'source_ref', 'target_ref'], {
    relationship_type: { type: 'string', pattern: '^[a-z0-9-]+$' },
    description: text,
    source_ref: anyId,
    target_ref: anyId,
    start_time: stamp,
    stop_time: stamp,
  }),
  'extension-definition': sdo(
    'extension-definition',
    ['created_by_ref', 'name', 'schema', 'version', 'extension_types'],
    {
      ...named,
      schema: text,
      version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
      extension_types: {
        type: 'array',
        minItems: 1,
        items: { enum: ['new-sdo', 'new-sco', 'new-sro', 'property-extension', 'toplevel-property-extension'] },
      },
      extension_properties: { type: 'array' },
    },
  ),
  'marking-definition': {
    type: 'object',
    required: ['type', 'spec_version', 'id', 'created', 'extensions'],
    properties: {
      type: { const: 'marking-definition' },
      spec_version: { const: '2.1' },
      id: idOf('marking-definition'),
      created: stamp,
      name: text,
      extensions: shared.extensions,
    },
    additionalProperties: false,
  },
  url: sco('url', 'value'),
  'domain-name': sco('domain-name', 'value'),
  'ipv4-addr': sco('ipv4-addr', 'value'),
  'ipv6-addr': sco('ipv6-addr', 'value'),
  'email-addr': sco('email-addr', 'value'),
  'user-account': sco('user-account', 'account_login'),
}

const ajv = new Ajv2020({ allErrors: true, strict: false })
formats.default(ajv)
const checks = new Map(Object.entries(schemas).map(([type, schema]) => [type, ajv.compile(schema)]))

/** What is wrong with a bundle; nothing where it is STIX 2.1. */
export const stixFaults = (bundle: unknown): readonly string[] => {
  const { type, id, objects, ...more } = bundle as { type: string; id: string; objects: readonly Loose[] }
  const ids = new Set(objects.map((object) => object.id))
  const faults = objects.flatMap((object) =>
    faultsOf(withoutDeclared(object, objects)).map((fault) => `${object.id}: ${fault}`),
  )
  const outer = [
    ...(type === 'bundle' && new RegExp(`^bundle--${uuid}$`).test(id) ? [] : ['the bundle has no type or id']),
    ...(Object.keys(more).length === 0 ? [] : [`the bundle holds ${Object.keys(more).join(', ')}`]),
    ...(ids.size === objects.length ? [] : ['an id stands twice']),
  ]
  const dangling = objects.flatMap((object) =>
    refsIn(object)
      .filter((ref) => !ids.has(ref))
      .map((ref) => `${object.id}: ${ref} is not in the bundle`),
  )
  return [...outer, ...faults, ...dangling]
}

/** Without the top-level properties that an extension of the object declares (STIX 2.1, section 7.3). */
const withoutDeclared = (object: Loose, objects: readonly Loose[]): Loose => {
  const declaring = Object.entries((object.extensions ?? {}) as Record<string, { extension_type?: string }>)
    .filter(([, one]) => one.extension_type === 'toplevel-property-extension')
    .flatMap(([id]) => objects.filter((one) => one.id === id))
  const isDefined = declaring.every(({ extension_types: types }) =>
    (types as readonly string[]).includes('toplevel-property-extension'),
  )
  const declared = isDefined ? declaring.flatMap((one) => one.extension_properties as readonly string[]) : []
  const ofStandard = propertiesOf.get(object.type) ?? {}
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => name in ofStandard || !declared.includes(name)),
  ) as Loose
}

const propertiesOf = new Map(
  Object.entries(schemas).map(([type, schema]) => [type, (schema as { readonly properties: object }).properties]),
)

const faultsOf = (object: Loose): readonly string[] => {
  const check = checks.get(object.type)
  if (!check) return [`${object.type} is no type that a report holds`]
  const own = check(object) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  const isDomain = 'modified' in object && object.type !== 'extension-definition'
  const schema = object.type === 'relationship' ? commonOfRelations : common
  const results = [
    ...(isDomain ? [schema.safeParse(object)] : []),
    ...('extensions' in object ? [extensionsSchema.safeParse(object.extensions)] : []),
    ...('external_references' in object ? [externalReferencesSchema.safeParse(object.external_references)] : []),
  ]
  return [
    ...own,
    ...results.flatMap(({ error }) => error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? []),
    ...(String(object.created) > String(object.modified ?? object.created) ? ['is modified before it is created'] : []),
  ]
}

/** Every id that an object refers to, in `_ref`, `_refs` and the names of its extensions. */
const refsIn = (object: Loose): readonly string[] =>
  Object.entries(object).flatMap(([property, value]) => {
    if (property.endsWith('_ref')) return [String(value)]
    if (property.endsWith('_refs')) return (value as readonly unknown[]).map(String)
    // OASIS's own extension for TLP 2.0 is defined by OASIS.
    if (property === 'extensions') return Object.keys(value as object).filter((id) => !id.includes('60a3c5c5-'))
    return []
  })
