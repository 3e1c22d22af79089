/**
 * Who says who a reader is: an issuer of one's own, or a Cognito user pool in which only the watch team enters people.
 */
import { Aws, Duration } from 'aws-cdk-lib'
import {
  AccountRecovery,
  ClientAttributes,
  FeaturePlan,
  Mfa,
  OAuthScope,
  StringAttribute,
  UserPool,
  UserPoolClient,
} from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import { claimNames, signInScopes } from '../../lambdas/domain/access/sign-in.ts'
import { kept } from '../stores/kept.ts'
import { acknowledge } from '../workers/acknowledge.ts'

export type Identity = {
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined
  readonly signOutUrl: string | undefined
}

type OwnPoolProps = {
  readonly stage: string
  /** Deletion is refused. */
  readonly guarded: boolean
  /** Where the room is, without a slash at the end. */
  readonly site: string
  /** Where the pool sends readers back, and where it leaves those who sign out. */
  readonly paths: { readonly back: string; readonly home: string }
}

export class OwnPool extends Construct {
  readonly identity: Identity
  readonly pool: UserPool

  constructor(scope: Construct, id: string, { stage, guarded, site, paths }: OwnPoolProps) {
    super(scope, id)
    const claims = Object.values(claimNames)
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: `vigie-${stage}`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      customAttributes: Object.fromEntries(claims.map((name) => [name, new StringAttribute({ mutable: true })])),
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: guarded,
      removalPolicy: kept,
    })
    acknowledge(
      this.pool,
      'COG8',
      'The plan that watches for stolen passwords costs per reader: set it where it is wanted.',
    )
    const domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `vigie-${stage}-${Aws.ACCOUNT_ID}` },
    })
    const back = `${site}${paths.back}`
    const home = `${site}${paths.home}`
    const client = new UserPoolClient(this, 'Client', {
      userPool: this.pool,
      // What cannot be kept out of a template is no secret: PKCE proves the client.
      generateSecret: false,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: signInScopes.map((scope) => OAuthScope.custom(scope)),
        callbackUrls: [back],
        logoutUrls: [home],
      },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(1),
      readAttributes: new ClientAttributes()
        .withStandardAttributes({ email: true, emailVerified: true })
        .withCustomAttributes(...claims),
      // Readers cannot raise their own clearance: they may write their names, and nothing that is read here.
      writeAttributes: new ClientAttributes().withStandardAttributes({ fullname: true }),
    })
    this.identity = {
      issuer: this.pool.userPoolProviderUrl,
      clientId: client.userPoolClientId,
      clientSecret: undefined,
      signOutUrl: `${domain.baseUrl()}/logout?client_id=${client.userPoolClientId}&logout_uri=${home}`,
    }
  }
}
