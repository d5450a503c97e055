//! SCRAM-SHA-256, the client's side: the password is proved, not sent, and the server proves that it knows it too.
//!
//! Spec: RFC 5802, RFC 7677; SASL's way of writing names and passwords, RFC 4013. Without channel binding.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Says that there is no channel binding, and nobody else to act for.
const GS2_HEADER: &str = "n,,";

/// The most rounds that a server may ask for: about a second of work. Servers ask for 4096 to 600,000.
pub const ITERATIONS_MAX: u32 = 2_000_000;

/// The longest message of the server that is read, in bytes of base64: what fits one AUTHENTICATE.
const MESSAGE_BYTES_MAX: usize = 399;

type Digest = [u8; 32];

/// How far an exchange is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The server is to ask for the first message.
    Begun,
    /// The challenge is to come.
    Named,
    /// The password was proved; the server is to prove that it knows it.
    Proved { verifier: Digest },
    /// Both know.
    Ended,
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scram {
    password: Box<str>,
    nonce: Box<str>,
    first: String,
    stage: Stage,
}

/// What the server says is not right: not its turn, not readable, or it does not know the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistrust;

impl Scram {
    /// Begins one. `random` are 128 random bits that are used for nothing else.
    pub fn begin(account: &str, password: &str, random: u128) -> Self {
        let nonce: Box<str> = format!("{random:032x}").into();
        Self::with_nonce(account, password, nonce)
    }

    fn with_nonce(account: &str, password: &str, nonce: Box<str>) -> Self {
        let account = prepared(account).replace('=', "=3D").replace(',', "=2C");
        let first = format!("n={account},r={nonce}");
        Self { password: prepared(password).into(), nonce, first, stage: Stage::Begun }
    }

    /// Takes what the server says, in base64 or `+` for nothing, and returns what is answered, in base64; with `+` at the end.
    ///
    /// # Errors
    ///
    /// The exchange is to be given up.
    pub fn answer(&mut self, said: &str) -> Result<String, Mistrust> {
        match self.stage.clone() {
            Stage::Begun if said == "+" => {
                self.stage = Stage::Named;
                Ok(BASE64.encode(format!("{GS2_HEADER}{}", self.first).as_bytes()))
            }
            Stage::Named => self.prove(&decoded(said)?),
            Stage::Proved { verifier } => {
                let said = decoded(said)?;
                let proof = said.strip_prefix("v=").and_then(|text| BASE64.decode(text.as_bytes()).ok());
                if !bool::from(proof.ok_or(Mistrust)?.as_slice().ct_eq(&verifier)) {
                    return Err(Mistrust);
                }
                self.stage = Stage::Ended;
                Ok("+".to_owned())
            }
            Stage::Begun | Stage::Ended => Err(Mistrust),
        }
    }

    /// Tells whether the server has proved itself. One that says that the client is logged in before that is not believed.
    pub fn is_proved(&self) -> bool {
        self.stage == Stage::Ended
    }

    fn prove(&mut self, challenge: &str) -> Result<String, Mistrust> {
        let field = |key: &str| {
            let mut fields = challenge.split(',').filter_map(|field| field.split_once('='));
            fields.find(|(name, _)| *name == key).map(|(_, value)| value).ok_or(Mistrust)
        };
        let (nonce, salt, iterations) = (field("r")?, field("s")?, field("i")?);
        // `m=` is an extension that must be understood.
        if challenge.starts_with("m=") || !nonce.starts_with(&*self.nonce) || nonce.len() == self.nonce.len() {
            return Err(Mistrust);
        }
        let salt = BASE64.decode(salt.as_bytes()).map_err(|_| Mistrust)?;
        let iterations = iterations.parse::<u32>().ok().filter(|count| (1..=ITERATIONS_MAX).contains(count));
        let mut salted = Digest::default();
        pbkdf2::pbkdf2_hmac::<Sha256>(self.password.as_bytes(), &salt, iterations.ok_or(Mistrust)?, &mut salted);
        let without_proof = format!("c={},r={nonce}", BASE64.encode(GS2_HEADER.as_bytes()));
        let message = format!("{},{challenge},{without_proof}", self.first);
        let client_key = hmac(&salted, b"Client Key");
        let signature = hmac(&Sha256::digest(client_key).into(), message.as_bytes());
        let proof: Digest = std::array::from_fn(|place| client_key[place] ^ signature[place]);
        self.stage = Stage::Proved { verifier: hmac(&hmac(&salted, b"Server Key"), message.as_bytes()) };
        Ok(BASE64.encode(format!("{without_proof},p={}", BASE64.encode(&proof)).as_bytes()))
    }
}

fn decoded(said: &str) -> Result<String, Mistrust> {
    if said.len() > MESSAGE_BYTES_MAX {
        return Err(Mistrust);
    }
    let bytes = BASE64.decode(said.as_bytes()).map_err(|_| Mistrust)?;
    String::from_utf8(bytes).map_err(|_| Mistrust)
}

/// Writes a name or a password as SASL has it; what it does not allow stays as it is, and the server decides.
fn prepared(text: &str) -> String {
    stringprep::saslprep(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn hmac(key: &Digest, message: &[u8]) -> Digest {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes keys of any length") };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exchange of RFC 7677, section 3.
    fn example() -> (Scram, String) {
        let mut scram = Scram::with_nonce("user", "pencil", "rOprNGfwEbeRWgbNEkqO".into());
        let first = scram.answer("+").expect("it begins");
        assert_eq!(decoded(&first), Ok("n,,n=user,r=rOprNGfwEbeRWgbNEkqO".to_owned()));
        let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        (scram, challenge.to_owned())
    }

    #[test]
    fn the_example_of_the_specification() {
        let (mut scram, challenge) = example();
        let proof = scram.answer(&BASE64.encode(challenge.as_bytes())).expect("an answer");
        let expected = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                        p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(decoded(&proof).as_deref(), Ok(expected));
        let mut other = scram.clone();
        let verifier = BASE64.encode(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert_eq!((scram.answer(&verifier).as_deref(), scram.is_proved()), (Ok("+"), true));
        let liar = BASE64.encode(b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert_eq!((other.answer(&liar), other.is_proved()), (Err(Mistrust), false));
        assert_eq!(scram.answer("+"), Err(Mistrust), "it has ended");
    }

    #[test]
    fn a_challenge_that_is_not_right_is_not_answered() {
        for (before, after) in [
            ("r=rOprNGfwEbeRWgbNEkqO%", "r=other%"),
            ("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", ""),
            ("i=4096", "i=0"),
            ("i=4096", "i=2000001"),
            ("i=4096", ""),
            ("s=W22Z", "s=*"),
            ("r=r", "m=1,r=r"),
        ] {
            let (mut scram, challenge) = example();
            let challenge = challenge.replace(before, after);
            assert_eq!(scram.answer(&BASE64.encode(challenge.as_bytes())), Err(Mistrust), "{challenge}");
        }
        let (mut scram, _) = example();
        assert_eq!(scram.answer("no base64"), Err(Mistrust));
    }
}
