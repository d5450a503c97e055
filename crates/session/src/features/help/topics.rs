//! What HELP says, by subject, in order. A text of several lines has line ends between them.

use irc::numerics::Language;

/// One subject.
#[derive(Debug)]
pub(super) struct Topic {
    /// What one asks for: a command, or `CHANMODES` and the like.
    pub(super) name: &'static str,
    /// How it is written: `<needed>`, `[<may be left out>]`.
    pub(super) usage: &'static str,
    english: &'static str,
    italian: &'static str,
}

impl Topic {
    /// Returns the explanation.
    pub(super) fn text(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.english,
            Language::It => self.italian,
        }
    }
}

/// `NAME "usage" "English" "Italiano";`
macro_rules! topics {
    ($($name:ident $usage:literal $english:literal $italian:literal;)*) => {
        /// Everything there is help about, by name.
        pub(super) const TOPICS: &[Topic] = &[$(
            Topic { name: stringify!($name), usage: $usage, english: $english, italian: $italian },
        )*];
    };
}

topics! {
    ADMIN "ADMIN [<server>]"
        "Tells who runs the server."
        "Dice chi gestisce il server.";
    AUDIT "AUDIT [<count> [<before>]]"
        "Lists what server operators did, newest last; with a number, what came before it. For server operators."
        "Elenca ciò che hanno fatto gli operatori del server, il più recente in fondo; con un numero, ciò che lo precede.\nPer gli operatori del server.";
    AUTHENTICATE "AUTHENTICATE <mechanism> | <data> | *"
        "Logs in to your account (SASL). Clients do this by themselves: give them the account's name and password."
        "Accede al tuo account (SASL). Lo fanno i client da soli: dai loro il nome e la password dell'account.";
    AWAY "AWAY [:<text>]"
        "Marks you as away; whoever writes to you is told the text. Without a text you are back."
        "Ti segna come assente; chi ti scrive riceve il testo. Senza testo torni presente.";
    BAN "BAN ADD [<duration>] <what> [:<reason>] | DEL <what> | LIST"
        "Keeps somebody off the server: an address, a network (192.0.2.0/24), a mask (nick!user@host), account:name,\nor somebody online by nick. A duration is 1d12h30m or minutes; without one, for ever. For server operators."
        "Tiene qualcuno fuori dal server: un indirizzo, una rete (192.0.2.0/24), una maschera (nick!utente@host),\naccount:nome, o il nick di chi è in linea. La durata è 1d12h30m o in minuti; senza, per sempre.\nPer gli operatori del server.";
    BATCH "BATCH +<name> draft/multiline <target> | BATCH -<name>"
        "Begins and ends a message of several lines. Clients do this by themselves."
        "Apre e chiude un messaggio di più righe. Lo fanno i client da soli.";
    CAP "CAP LS [302] | LIST | REQ :<names> | END"
        "Chooses extensions of the protocol. Clients do this by themselves."
        "Sceglie le estensioni del protocollo. Lo fanno i client da soli.";
    CHANMODES "MODE <channel> <letters> [<parameters>]"
        "b a ban, e an exception from bans, I a guest without invitation: each takes a mask (nick!user@host).\nk a key, l the most members.\nC no CTCP, W newcomers may read what was said before, i by invitation only, m only those with a rank may write, n only members may write.\nM only who is logged in may write, R only who is logged in may enter, j joins:seconds at most so many may enter.\nA ban m:mask takes only the word, a:name means an account.\ns hidden from others, t only operators may set the topic.\nq founder, a admin, o operator, h half operator, v voice: each takes a nick."
        "b un bando, e un'eccezione ai bandi, I un ospite senza invito: ognuno vuole una maschera (nick!utente@host).\nk una chiave, l il numero massimo di membri.\nC niente CTCP, W chi arriva può leggere ciò che è stato detto prima, i solo su invito, m scrive solo chi ha un grado, n scrive solo chi è dentro.\nM scrive solo chi ha fatto l'accesso, R entra solo chi ha fatto l'accesso, j ingressi:secondi quanti possono entrare.\nUn bando m:maschera toglie solo la parola, a:nome indica un account.\ns nascosto agli altri, t solo gli operatori cambiano l'argomento.\nq fondatore, a amministratore, o operatore, h mezzo operatore, v voce: ognuno vuole un nick.";
    CHANSERV "CHANSERV <words> | CS <words> | PRIVMSG ChanServ :<words>"
        "Registers channels, so that they stay and keep their founder, and who gets a rank there. Say HELP to it."
        "Registra i canali, perché restino e conservino chi li ha fondati e chi vi riceve un grado. Scrivigli HELP.";
    CHATHISTORY "CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN <target> <message> [<message>] <limit>"
        "Shows what was said before in a channel you are in, or between you and somebody.\nA message is msgid=... or timestamp=..., for LATEST also *.\nCHATHISTORY TARGETS <time> <time> <limit> lists your conversations. Clients do this by themselves."
        "Mostra ciò che è stato detto prima in un canale in cui sei, o tra te e qualcuno.\nUn messaggio è msgid=... o timestamp=..., per LATEST anche *.\nCHATHISTORY TARGETS <tempo> <tempo> <limite> elenca le tue conversazioni. Lo fanno i client da soli.";
    CHGHOST "CHGHOST <nick> <user> <host>"
        "Gives somebody another user name and host. For server operators."
        "Dà a qualcuno un altro nome utente e un altro host. Per gli operatori del server.";
    DLINE "DLINE [<duration>] <address or network> [:<reason>] | LIST"
        "The same as BAN ADD, for addresses and networks. UNDLINE undoes it. For server operators."
        "Come BAN ADD, per indirizzi e reti. UNDLINE lo annulla. Per gli operatori del server.";
    EDIT "@draft/target-msgid=<id>;draft/edit-text=<text> EDIT <nick or channel>"
        "Gives something you said other words. Clients do this by themselves."
        "Dà altre parole a qualcosa che hai detto. Lo fanno i client da soli.";
    HELP "HELP [<subject>]"
        "Explains a command; without one, lists what there is help about."
        "Spiega un comando; senza argomento, elenca ciò su cui c'è un aiuto.";
    HELPOP "HELPOP [<subject>]"
        "The same as HELP."
        "Come HELP.";
    INFO "INFO [<server>]"
        "Tells what this program is."
        "Dice che programma è questo.";
    INVITATION "INVITATION CREATE [<uses> [<days>]] | LIST | REVOKE <id> | USE <word>"
        "Lets somebody make an account. To make an invitation is for server operators; USE keeps one for REGISTER."
        "Permette a qualcuno di creare un account. Creare un invito è per gli operatori del server; USE ne conserva uno per REGISTER.";
    INVITE "INVITE [<nick> <channel>]"
        "Invites somebody to a channel. Without parameters, lists the channels you are invited to."
        "Invita qualcuno in un canale. Senza parametri, elenca i canali in cui sei invitato.";
    ISON "ISON <nick> [<nick> ...]"
        "Tells which of these people are online."
        "Dice quali di queste persone sono in linea.";
    ISUPPORT "ISUPPORT"
        "Lists what this server is like, for clients to adapt to: limits, modes, extensions."
        "Elenca com'è fatto questo server, perché i client si adattino: limiti, modi, estensioni.";
    JOIN "JOIN <channel>{,<channel>} [<key>{,<key>}]"
        "Enters channels, with their keys if they have any. A channel that does not exist is made, and is yours.\nJOIN 0 leaves all channels."
        "Entra nei canali, con la chiave per quelli che l'hanno. Un canale che non esiste viene creato, ed è tuo.\nJOIN 0 esce da tutti i canali.";
    KICK "KICK <channel> <nick>{,<nick>} [:<reason>]"
        "Removes people from a channel. For operators of the channel."
        "Allontana persone da un canale. Per gli operatori del canale.";
    KILL "KILL <nick> [:<reason>]"
        "Disconnects somebody. For server operators."
        "Disconnette qualcuno. Per gli operatori del server.";
    KLINE "KLINE [<duration>] <mask> [:<reason>] | LIST"
        "The same as BAN ADD, for masks. UNKLINE undoes it. For server operators."
        "Come BAN ADD, per le maschere. UNKLINE lo annulla. Per gli operatori del server.";
    KNOCK "KNOCK <channel> [:<text>]"
        "Asks the operators of a channel to invite you."
        "Chiede agli operatori di un canale di invitarti.";
    LINKS "LINKS"
        "Lists the servers of the network."
        "Elenca i server della rete.";
    LIST "LIST [<channel or condition>{,<channel or condition>}]"
        "Lists channels. Conditions: a mask, !mask, >n or <n members, C>n or C<n minutes since it was made,\nT>n or T<n minutes since its topic was set."
        "Elenca i canali. Condizioni: una maschera, !maschera, >n o <n membri, C>n o C<n minuti dalla creazione,\nT>n o T<n minuti dall'ultimo argomento.";
    LUSERS "LUSERS"
        "Counts users and channels."
        "Conta utenti e canali.";
    MARKREAD "MARKREAD <target> [timestamp=<time>]"
        "Tells your other devices how far you have read, or asks. Nobody else is told."
        "Dice agli altri tuoi dispositivi fin dove hai letto, o lo chiede. Nessun altro lo saprà.";
    METADATA "METADATA <target> GET <keys> | LIST | SET <key> [:<value>] | CLEAR | SUB <keys> | UNSUB <keys> | SUBS | SYNC"
        "Looks at or changes what a user (* for you) or a channel says of itself under a key: avatar, display-name, homepage, pronouns, status.\nSET without a value removes the key. Of a channel, its operators may change it; what you say while logged in stays with your account.\nSUB, UNSUB and SYNC are for clients: they choose the keys that they are told of."
        "Mostra o cambia ciò che un utente (* per te) o un canale dice di sé sotto una chiave: avatar, display-name, homepage, pronouns, status.\nSET senza valore toglie la chiave. Di un canale la cambiano i suoi operatori; ciò che dici dopo l'accesso resta al tuo account.\nSUB, UNSUB e SYNC sono per i client: scelgono le chiavi di cui vengono informati.";
    MODE "MODE <nick or channel> [<letters> [<parameters>]]"
        "Shows or changes modes. The letters are explained in HELP CHANMODES and HELP USERMODES."
        "Mostra o cambia i modi. Le lettere sono spiegate in HELP CHANMODES e HELP USERMODES.";
    MONITOR "MONITOR + <nicks> | - <nicks> | C | L | S"
        "Watches people: you are told when they come and go. C watches nobody, L lists them, S tells who is online."
        "Segue delle persone: saprai quando arrivano e se ne vanno. C non segue nessuno, L le elenca, S dice chi c'è.";
    MOTD "MOTD [<server>]"
        "Shows the message of the day."
        "Mostra il messaggio del giorno.";
    NAMES "NAMES [<channel>{,<channel>}]"
        "Lists who is in channels."
        "Elenca chi è nei canali.";
    NICK "NICK <nick>"
        "Changes your nick."
        "Cambia il tuo nick.";
    NICKSERV "NICKSERV <words> | NS <words> | PRIVMSG NickServ :<words>"
        "Makes an account, logs you in, and looks after your account. Say HELP to it."
        "Crea un account, ti fa accedere e si occupa del tuo account. Scrivigli HELP.";
    NOTICE "NOTICE <nick or channel>{,<nick or channel>} :<text>"
        "Says something that no program answers. For people there is PRIVMSG."
        "Dice qualcosa a cui nessun programma risponde. Per le persone c'è PRIVMSG.";
    OPER "OPER <name> <password>"
        "Makes you an operator of the server."
        "Ti rende operatore del server.";
    PART "PART <channel>{,<channel>} [:<reason>]"
        "Leaves channels."
        "Esce dai canali.";
    PASS "PASS <password>"
        "Gives the server's password, before NICK and USER."
        "Dà la password del server, prima di NICK e USER.";
    PERSISTENCE "PERSISTENCE GET | SET ON | OFF | DEFAULT"
        "Says whether you stay in your channels while you are not connected, and changes that. For those who are logged in."
        "Dice se resti nei tuoi canali mentre non sei connesso, e lo cambia. Per chi ha fatto l'accesso.";
    PING "PING <token>"
        "Is answered with PONG and the token, once all you said before is on its way."
        "Riceve in risposta PONG con lo stesso testo, quando ciò che hai detto prima è già partito.";
    PONG "PONG <token>"
        "Answers the server's PING. Clients do this by themselves."
        "Risponde al PING del server. Lo fanno i client da soli.";
    PRIVMSG "PRIVMSG <nick or channel>{,<nick or channel>} :<text>"
        "Says something to people or channels. @#channel reaches the operators of #channel only."
        "Dice qualcosa a persone o canali. @#canale raggiunge solo gli operatori di #canale.";
    QUIT "QUIT [:<reason>]"
        "Leaves the server."
        "Esce dal server.";
    RAID "RAID [ON [:<reason>] | OFF]"
        "For bad moments: while it is on, only who is logged in may write, and nobody can register. For server operators."
        "Per i momenti difficili: finché è accesa scrive solo chi ha fatto l'accesso, e nessuno può registrarsi.\nPer gli operatori del server.";
    REDACT "REDACT <nick or channel> <message id> [:<reason>]"
        "Takes back something you said; operators of a channel may take back what others said there."
        "Ritira qualcosa che hai detto; gli operatori di un canale possono ritirare ciò che altri vi hanno detto.";
    REGISTER "REGISTER <account>|* <e-mail>|* <password>"
        "Makes an account: your name stays yours, and you can log in to it from anywhere. With * it is called like your nick."
        "Crea un account: il tuo nome resta tuo e puoi accedervi da ovunque. Con * si chiama come il tuo nick.";
    REHASH "REHASH"
        "Has the server read its configuration again. For server operators."
        "Fa rileggere al server la sua configurazione. Per gli operatori del server.";
    RELAYMSG "RELAYMSG <channel> <name elsewhere> :<text>"
        "Says in a channel what somebody elsewhere has said, for bots that connect it with other places.\nThe name has a character that no nick has, such as in anna/matrix. For operators of the channel."
        "Dice in un canale ciò che qualcuno ha detto altrove, per i bot che lo collegano ad altri luoghi.\nIl nome ha un carattere che nessun nick ha, come in anna/matrix. Per gli operatori del canale.";
    RENAME "RENAME <channel> <new name> [:<reason>]"
        "Gives a channel another name; everything else stays. For operators of the channel."
        "Dà a un canale un altro nome; tutto il resto rimane. Per gli operatori del canale.";
    RESUME "RESUME <cursor>|* [<limit>]"
        "Tells what has happened since a place that you have seen, over all your channels and private messages.\n* tells where you are now. Clients do this by themselves."
        "Dice che cosa è successo da un punto che hai già visto, in tutti i tuoi canali e messaggi privati.\n* dice dove sei ora. Lo fanno i client da soli.";
    SEARCH "SEARCH [in=<nick or channel>][;from=<nick>][;after=<time>][;before=<time>][;text=<words>][;limit=<number>]"
        "Finds what was said in the channels you are in, and between you and others. In the words, \"several words\" stand beside\neach other, beginn* is a beginning, -word must not be there; from:, in:, after: and before: are understood too.\nA space is written \\s. Clients do this by themselves."
        "Trova ciò che è stato detto nei canali in cui sei, e tra te e gli altri. Tra le parole, \"più parole\" stanno una accanto\nall'altra, iniz* è un inizio, -parola non ci deve essere; si capiscono anche from:, in:, after: e before:.\nUno spazio si scrive \\s. Lo fanno i client da soli.";
    SETNAME "SETNAME :<real name>"
        "Changes your real name."
        "Cambia il tuo nome reale.";
    STATS "STATS u | k | d"
        "u tells for how long the server has been up; k and d list bans of masks and of addresses. For server operators."
        "u dice da quanto tempo il server è attivo; k e d elencano i bandi di maschere e di indirizzi.\nPer gli operatori del server.";
    TAGMSG "TAGMSG <nick or channel>{,<nick or channel>}"
        "Sends tags without a text, such as \"is typing\". Clients do this by themselves."
        "Invia etichette senza testo, come \"sta scrivendo\". Lo fanno i client da soli.";
    TIME "TIME [<server>]"
        "Tells what time it is at the server."
        "Dice che ora è per il server.";
    TOKEN "TOKEN SERVICELIST | GENERATE FILEHOST [<channel or nick>]"
        "Gives a token to send one file to this server with. Clients do this by themselves."
        "Dà un token con cui mandare un file a questo server. Lo fanno i client da soli.";
    TOPIC "TOPIC <channel> [:<text>]"
        "Shows a channel's topic, or sets it; an empty text takes it away."
        "Mostra l'argomento di un canale o lo imposta; un testo vuoto lo toglie.";
    UNDLINE "UNDLINE <address or network>"
        "Undoes DLINE. For server operators."
        "Annulla DLINE. Per gli operatori del server.";
    UNINVITE "UNINVITE <nick> <channel>"
        "Withdraws an invitation. For operators of the channel."
        "Ritira un invito. Per gli operatori del canale.";
    UNKLINE "UNKLINE <mask>"
        "Undoes KLINE. For server operators."
        "Annulla KLINE. Per gli operatori del server.";
    UPLOADS "UPLOADS [LIST [<count> [<before>]] | REMOVE <name>]"
        "Lists the files that people share, the newest first, or removes one, which cannot be undone. For server operators."
        "Elenca i file che sono stati condivisi, dal più recente, o ne toglie uno, per sempre. Per gli operatori del server.";
    USER "USER <user name> 0 * :<real name>"
        "Introduces you when you connect. Clients do this by themselves."
        "Ti presenta quando ti colleghi. Lo fanno i client da soli.";
    USERHOST "USERHOST <nick> [<nick> ...]"
        "Tells the hosts of up to five people, and whether they are away."
        "Dice gli host di al massimo cinque persone, e se sono assenti.";
    USERMODES "MODE <your nick> <letters>"
        "B you are a bot, i you are not found by those who share no channel with you.\no you are a server operator, w you hear what operators tell everybody."
        "B sei un bot, i non ti trova chi non ha canali in comune con te.\no sei un operatore del server, w ricevi ciò che gli operatori dicono a tutti.";
    VERIFY "VERIFY <account> <code>"
        "Does nothing here: an account can be used at once."
        "Qui non fa nulla: un account si può usare subito.";
    VERSION "VERSION [<server>]"
        "Tells the server's version and what it can do."
        "Dice la versione del server e che cosa sa fare.";
    WALLOPS "WALLOPS :<text>"
        "Tells everybody with mode w. For server operators."
        "Lo dice a tutti quelli con il modo w. Per gli operatori del server.";
    WEBPUSH "WEBPUSH REGISTER <address> <keys> | UNREGISTER <address>"
        "Notifies a telephone or browser of yours of private messages, of your name in rooms and of invitations while it is not connected.\nClients do this by themselves. You need an account."
        "Avvisa un tuo telefono o browser di messaggi privati, del tuo nome nelle stanze e di inviti mentre non è connesso.\nLo fanno i client da soli. Serve un account.";
    WHO "WHO <channel, nick or mask> [o]"
        "Lists people; with o, only server operators."
        "Elenca persone; con o, solo gli operatori del server.";
    WHOIS "WHOIS <nick>"
        "Tells about somebody."
        "Dà notizie di qualcuno.";
    WHOWAS "WHOWAS <nick> [<count>]"
        "Tells about somebody who has left, or has changed their nick."
        "Dà notizie di chi è uscito o ha cambiato nick.";
}
