//! The rows. Order is by number; texts are what people read, so they say what to do where they can.

use super::Numeric;

/// `NAME code "middle" "parameters" => "English" / "Italiano";`
macro_rules! numerics {
    ($($name:ident $code:literal $($middle:literal)* $(=> $english:literal / $italian:literal)?;)*) => {
        $(
            #[doc = concat!("`", stringify!($code), $(" <", $middle, ">",)* $(" :", $english,)? "`")]
            pub const $name: &Numeric = &Numeric {
                code: $code,
                name: stringify!($name),
                middle: &[$($middle),*],
                text: numerics!(@text $($english $italian)?),
            };
        )*

        /// Every numeric, by number.
        pub const ALL: &[&Numeric] = &[$($name),*];
    };
    (@text) => { None };
    (@text $english:literal $italian:literal) => { Some([$english, $italian]) };
}

numerics! {
    // Welcome: Modern IRC, "Connection Registration".
    RPL_WELCOME 1 => "Welcome to the {} network, {}" / "Benvenuto nella rete {}, {}";
    RPL_YOURHOST 2 => "Your host is {}, running version {}" / "Il tuo server è {}, versione {}";
    RPL_CREATED 3 => "This server was started {}" / "Questo server è stato avviato {}";
    RPL_MYINFO 4 "server" "version" "user modes" "channel modes" "modes with a parameter";
    RPL_ISUPPORT 5 "token…" => "are supported by this server" / "sono supportati da questo server";
    RPL_BOUNCE 10 "host" "port" => "Please use this server instead" / "Usa invece questo server";

    // STATS: Modern IRC, "STATS message".
    RPL_STATSLINKINFO 211 "link" "queued bytes" "sent messages" "sent bytes" "received messages" "received bytes" "open seconds";
    RPL_STATSCOMMANDS 212 "command" "count" "bytes" "remote count";
    RPL_STATSILINE 215 "I" "host" "*" "server" "port" "class";
    RPL_STATSKLINE 216 "K" "mask" "*" "*" => "{}" / "{}";
    RPL_ENDOFSTATS 219 "query" => "End of /STATS report" / "Fine di /STATS";
    RPL_UMODEIS 221 "modes";
    RPL_STATSDLINE 225 "D" "network" => "{}" / "{}";
    RPL_STATSUPTIME 242 => "Server up {} days {}:{}:{}" / "Server attivo da {} giorni {}:{}:{}";
    RPL_STATSOLINE 243 "O" "host" "*" "name";

    // LUSERS, ADMIN.
    RPL_LUSERCLIENT 251 => "There are {} users and {} invisible on {} servers" / "Ci sono {} utenti e {} invisibili su {} server";
    RPL_LUSEROP 252 "operators" => "operator(s) online" / "operatori in linea";
    RPL_LUSERUNKNOWN 253 "connections" => "unregistered connection(s)" / "connessioni non ancora registrate";
    RPL_LUSERCHANNELS 254 "channels" => "channels formed" / "canali aperti";
    RPL_LUSERME 255 => "I have {} clients and {} servers" / "Ho {} client e {} server";
    RPL_ADMINME 256 "server" => "Administrative info" / "Informazioni sull'amministrazione";
    RPL_ADMINLOC1 257 => "{}" / "{}";
    RPL_ADMINLOC2 258 => "{}" / "{}";
    RPL_ADMINEMAIL 259 => "{}" / "{}";
    RPL_TRYAGAIN 263 "command" => "Please wait a while and try again" / "Attendi un momento e riprova";
    RPL_LOCALUSERS 265 "users" "maximum" => "Current local users {}, max {}" / "Utenti locali {}, massimo {}";
    RPL_GLOBALUSERS 266 "users" "maximum" => "Current global users {}, max {}" / "Utenti globali {}, massimo {}";
    RPL_WHOISCERTFP 276 "nick" => "has client certificate fingerprint {}" / "ha un certificato client con impronta {}";

    // What is asked about users.
    RPL_NONE 300 => "{}" / "{}";
    RPL_AWAY 301 "nick" => "{}" / "{}";
    RPL_USERHOST 302 => "{}" / "{}";
    RPL_ISON 303 => "{}" / "{}";
    RPL_UNAWAY 305 => "You are no longer marked as being away" / "Non risulti più assente";
    RPL_NOWAWAY 306 => "You have been marked as being away" / "Ora risulti assente";
    RPL_WHOISREGNICK 307 "nick" => "has identified for this nick" / "è il titolare di questo nick";
    RPL_WHOISUSER 311 "nick" "user" "host" "*" => "{}" / "{}";
    RPL_WHOISSERVER 312 "nick" "server" => "{}" / "{}";
    RPL_WHOISOPERATOR 313 "nick" => "is an IRC operator" / "è un operatore IRC";
    RPL_WHOWASUSER 314 "nick" "user" "host" "*" => "{}" / "{}";
    RPL_ENDOFWHO 315 "mask" => "End of /WHO list" / "Fine di /WHO";
    RPL_WHOISIDLE 317 "nick" "idle seconds" "signed on" => "seconds idle, signon time" / "secondi di inattività, ora di ingresso";
    RPL_ENDOFWHOIS 318 "nick" => "End of /WHOIS list" / "Fine di /WHOIS";
    RPL_WHOISCHANNELS 319 "nick" => "{}" / "{}";
    RPL_WHOISSPECIAL 320 "nick" => "{}" / "{}";

    // What is asked about channels.
    RPL_LISTSTART 321 "Channel" => "Users  Name" / "Utenti  Nome";
    RPL_LIST 322 "channel" "members" => "{}" / "{}";
    RPL_LISTEND 323 => "End of /LIST" / "Fine di /LIST";
    RPL_CHANNELMODEIS 324 "channel" "modes" "parameter…";
    RPL_CREATIONTIME 329 "channel" "created";
    RPL_WHOISACCOUNT 330 "nick" "account" => "is logged in as" / "ha effettuato l'accesso come";
    RPL_NOTOPIC 331 "channel" => "No topic is set" / "Nessun argomento impostato";
    RPL_TOPIC 332 "channel" => "{}" / "{}";
    RPL_TOPICWHOTIME 333 "channel" "who" "set at";
    RPL_WHOISBOT 335 "nick" => "is a bot" / "è un bot";
    RPL_INVITELIST 336 "channel";
    RPL_ENDOFINVITELIST 337 => "End of /INVITE list" / "Fine di /INVITE";
    RPL_WHOISACTUALLY 338 "nick" "address" => "is actually using this address" / "usa in realtà questo indirizzo";
    RPL_INVITING 341 "nick" "channel";
    RPL_INVEXLIST 346 "channel" "mask" "setter and time…";
    RPL_ENDOFINVEXLIST 347 "channel" => "End of channel invite exception list" / "Fine delle eccezioni agli inviti";
    RPL_EXCEPTLIST 348 "channel" "mask" "setter and time…";
    RPL_ENDOFEXCEPTLIST 349 "channel" => "End of channel exception list" / "Fine delle eccezioni ai bandi";
    RPL_WHOISGATEWAY 350 "nick" "user and address" "address" => "is connected via the {} WEBIRC gateway" / "è collegato tramite il gateway WEBIRC {}";
    RPL_VERSION 351 "version" "server" => "{}" / "{}";
    RPL_WHOREPLY 352 "channel" "user" "host" "server" "nick" "flags" => "{} {}" / "{} {}";
    RPL_NAMREPLY 353 "symbol" "channel" => "{}" / "{}";
    RPL_WHOSPCRPL 354 "field…";
    RPL_LINKS 364 "server" "linked to" => "{} {}" / "{} {}";
    RPL_ENDOFLINKS 365 "*" => "End of /LINKS list" / "Fine di /LINKS";
    RPL_ENDOFNAMES 366 "channel" => "End of /NAMES list" / "Fine di /NAMES";
    RPL_BANLIST 367 "channel" "mask" "setter and time…";
    RPL_ENDOFBANLIST 368 "channel" => "End of channel ban list" / "Fine della lista dei bandi";
    RPL_ENDOFWHOWAS 369 "nick" => "End of WHOWAS" / "Fine di WHOWAS";

    // What is asked about the server.
    RPL_INFO 371 => "{}" / "{}";
    RPL_MOTD 372 => "{}" / "{}";
    RPL_INFOSTART 373 => "Server INFO" / "Informazioni sul server";
    RPL_ENDOFINFO 374 => "End of /INFO list" / "Fine di /INFO";
    RPL_MOTDSTART 375 => "- {} Message of the day -" / "- {} Messaggio del giorno -";
    RPL_ENDOFMOTD 376 => "End of /MOTD command" / "Fine di /MOTD";
    RPL_WHOISHOST 378 "nick" => "is connecting from {} {}" / "si collega da {} {}";
    RPL_WHOISMODES 379 "nick" => "is using modes {}" / "usa i modi {}";
    RPL_YOUREOPER 381 => "You are now an IRC operator" / "Ora sei un operatore IRC";
    RPL_REHASHING 382 "file" => "Rehashing" / "Rilettura della configurazione";
    RPL_TIME 391 "server" => "{}" / "{}";
    RPL_HOSTHIDDEN 396 "host" => "is now your visible host" / "è ora il tuo host visibile";

    // Errors.
    ERR_UNKNOWNERROR 400 "command" => "{}" / "{}";
    ERR_NOSUCHNICK 401 "nick" => "No such nick/channel" / "Nick o canale inesistente";
    ERR_NOSUCHSERVER 402 "server" => "No such server" / "Server inesistente";
    ERR_NOSUCHCHANNEL 403 "channel" => "No such channel" / "Canale inesistente";
    ERR_CANNOTSENDTOCHAN 404 "channel" => "Cannot send to channel" / "Non puoi scrivere in questo canale";
    ERR_TOOMANYCHANNELS 405 "channel" => "You have joined too many channels" / "Sei già in troppi canali";
    ERR_WASNOSUCHNICK 406 "nick" => "There was no such nickname" / "Nessuno ha usato questo nick";
    ERR_TOOMANYTARGETS 407 "target" => "Too many targets, so nothing was done; name fewer" / "Troppi destinatari: non è stato fatto nulla; indicane di meno";
    ERR_NOORIGIN 409 => "No origin specified" / "Origine mancante";
    ERR_INVALIDCAPCMD 410 "subcommand" => "Invalid CAP command" / "Comando CAP non valido";
    ERR_NORECIPIENT 411 => "No recipient given ({})" / "Destinatario mancante ({})";
    ERR_NOTEXTTOSEND 412 => "No text to send" / "Nessun testo da inviare";
    ERR_WILDTOPLEVEL 414 "mask" => "Wildcard in top-level domain" / "Carattere jolly nel dominio di primo livello";
    ERR_CANNOTSENDTOUSER 415 "nick" => "Cannot send to this user" / "Non puoi scrivere a questo utente";
    ERR_INPUTTOOLONG 417 => "Input line was too long" / "Riga troppo lunga";
    ERR_UNKNOWNCOMMAND 421 "command" => "Unknown command" / "Comando sconosciuto";
    ERR_NOMOTD 422 => "There is no message of the day" / "Nessun messaggio del giorno";
    ERR_NOADMININFO 423 "server" => "No administrative info available" / "Nessuna informazione sull'amministrazione";
    ERR_NONICKNAMEGIVEN 431 => "No nickname given" / "Nick mancante";
    ERR_ERRONEUSNICKNAME 432 "nick" => "Erroneous nickname" / "Nick non valido";
    ERR_NICKNAMEINUSE 433 "nick" => "Nickname is already in use" / "Nick già in uso";
    ERR_UNAVAILRESOURCE 437 "name" => "Nick or channel is temporarily unavailable" / "Nick o canale temporaneamente non disponibile";
    ERR_USERNOTINCHANNEL 441 "nick" "channel" => "They aren't on that channel" / "Non è in quel canale";
    ERR_NOTONCHANNEL 442 "channel" => "You're not on that channel" / "Non sei in quel canale";
    ERR_USERONCHANNEL 443 "nick" "channel" => "is already on channel" / "è già nel canale";
    ERR_SUMMONDISABLED 445 => "SUMMON has been disabled" / "SUMMON è disattivato";
    ERR_USERSDISABLED 446 => "USERS has been disabled" / "USERS è disattivato";
    ERR_CANTCHANGENICK 447 "channel" => "You cannot change your nick while in this channel" / "Non puoi cambiare nick mentre sei in questo canale";
    ERR_FORBIDDENCHANNEL 448 "channel" => "Cannot join channel: {}" / "Non puoi entrare nel canale: {}";
    ERR_NOTREGISTERED 451 => "You have not registered" / "Non hai completato la registrazione";
    ERR_NEEDMOREPARAMS 461 "command" => "Not enough parameters" / "Parametri insufficienti";
    ERR_ALREADYREGISTERED 462 => "You may not reregister" / "Sei già registrato";
    ERR_PASSWDMISMATCH 464 => "Password incorrect" / "Password errata";
    ERR_YOUREBANNEDCREEP 465 => "{}" / "{}";
    ERR_INVALIDUSERNAME 468 => "Your username is not valid" / "Il tuo nome utente non è valido";
    ERR_LINKCHANNEL 470 "channel" "to" => "Forwarding to another channel" / "Reindirizzamento a un altro canale";
    ERR_CHANNELISFULL 471 "channel" => "Cannot join channel (+l)" / "Non puoi entrare: canale pieno (+l)";
    ERR_UNKNOWNMODE 472 "mode" => "is unknown mode char to me" / "è un modo sconosciuto";
    ERR_INVITEONLYCHAN 473 "channel" => "Cannot join channel (+i)" / "Non puoi entrare: solo su invito (+i)";
    ERR_BANNEDFROMCHAN 474 "channel" => "Cannot join channel (+b)" / "Non puoi entrare: sei bandito (+b)";
    ERR_BADCHANNELKEY 475 "channel" => "Cannot join channel (+k)" / "Non puoi entrare: chiave errata (+k)";
    ERR_BADCHANMASK 476 "channel" => "Bad Channel Mask" / "Nome di canale non valido";
    ERR_NEEDREGGEDNICK 477 "channel" => "You need to be logged in to an account" / "Devi accedere con un account";
    ERR_BANLISTFULL 478 "channel" "mask" => "Channel list is full" / "La lista del canale è piena";
    ERR_BADCHANNAME 479 "channel" => "Illegal channel name" / "Nome di canale non consentito";
    ERR_THROTTLE 480 "channel" => "Cannot join channel: too many have just entered; try again in a moment (+j)" / "Non puoi entrare: sono appena entrati in troppi; riprova tra un momento (+j)";
    ERR_NOPRIVILEGES 481 => "Permission Denied - You're not an IRC operator" / "Permesso negato: non sei un operatore IRC";
    ERR_CHANOPRIVSNEEDED 482 "channel" => "You're not a channel operator" / "Non sei un operatore del canale";
    ERR_CANTKILLSERVER 483 => "You cannot kill a server" / "Non puoi disconnettere un server";
    ERR_NOOPERHOST 491 => "No O-lines for your host" / "Il tuo host non può diventare operatore";
    ERR_NOCTCP 492 "channel" => "CTCP messages are not allowed here (+C)" / "Qui i messaggi CTCP non sono ammessi (+C)";
    // UNINVITE: InspIRCd's.
    RPL_UNINVITED 493 => "You were uninvited from {} by {}" / "Non sei più invitato in {}: lo dice {}";
    RPL_INVITEREMOVED 494 "channel" "nick" => "Uninvited" / "Invito ritirato";
    ERR_UMODEUNKNOWNFLAG 501 => "Unknown MODE flag" / "Modo utente sconosciuto";
    ERR_USERSDONTMATCH 502 => "Cant change mode for other users" / "Non puoi cambiare i modi di altri utenti";
    ERR_NOTINVITED 505 "nick" "channel" => "Is not invited to that channel" / "Non è invitato in quel canale";
    ERR_HELPNOTFOUND 524 "subject" => "No help available on this topic" / "Nessun aiuto su questo argomento";
    ERR_INVALIDKEY 525 "channel" => "Key is not well-formed" / "Chiave non valida";

    // Extensions that are no IRCv3 specification, but that clients know.
    RPL_STARTTLS 670 => "STARTTLS successful, proceed with TLS handshake" / "STARTTLS riuscito, procedi con TLS";
    RPL_WHOISSECURE 671 "nick" => "is using a secure connection" / "usa una connessione sicura";
    ERR_STARTTLS 691 => "STARTTLS failed" / "STARTTLS non riuscito";
    ERR_INVALIDMODEPARAM 696 "target" "mode" "parameter" => "{}" / "{}";
    RPL_HELPSTART 704 "subject" => "{}" / "{}";
    RPL_HELPTXT 705 "subject" => "{}" / "{}";
    RPL_ENDOFHELP 706 "subject" => "{}" / "{}";
    RPL_KNOCK 710 "channel" "who" => "has asked for an invite" / "chiede di essere invitato";
    RPL_KNOCKDLVR 711 "channel" => "Your KNOCK has been delivered" / "La tua richiesta è stata consegnata";
    ERR_TOOMANYKNOCK 712 "channel" => "Too many KNOCKs; please wait" / "Troppe richieste; attendi un momento";
    ERR_CHANOPEN 713 "channel" => "Channel is open; just join it" / "Il canale è aperto: entra pure";
    ERR_KNOCKONCHAN 714 "channel" => "You are already on that channel" / "Sei già in quel canale";
    ERR_NOPRIVS 723 "privilege" => "Insufficient oper privileges" / "Privilegi di operatore insufficienti";

    // MONITOR: IRCv3 monitor.
    RPL_MONONLINE 730 => "{}" / "{}";
    RPL_MONOFFLINE 731 => "{}" / "{}";
    RPL_MONLIST 732 => "{}" / "{}";
    RPL_ENDOFMONLIST 733 => "End of MONITOR list" / "Fine di MONITOR";
    ERR_MONLISTFULL 734 "limit" "targets" => "Monitor list is full" / "La lista MONITOR è piena";

    // Metadata: IRCv3 metadata.
    RPL_WHOISKEYVALUE 760 "target" "key" "visibility" => "{}" / "{}";
    RPL_KEYVALUE 761 "target" "key" "visibility" => "{}" / "{}";
    RPL_METADATAEND 762 => "end of metadata" / "fine dei metadati";
    RPL_KEYNOTSET 766 "target" "key" => "key is not set" / "chiave non impostata";
    RPL_METADATASUBOK 770 "key…";
    RPL_METADATAUNSUBOK 771 "key…";
    RPL_METADATASUBS 772 "key…";
    RPL_METADATASYNCLATER 774 "target" "retry after" => "Ask for the metadata with METADATA SYNC" / "Chiedi i metadati con METADATA SYNC";

    // SASL: IRCv3 sasl.
    RPL_LOGGEDIN 900 "hostmask" "account" => "You are now logged in as {}" / "Hai effettuato l'accesso come {}";
    RPL_LOGGEDOUT 901 "hostmask" => "You are now logged out" / "Hai effettuato l'uscita";
    ERR_NICKLOCKED 902 => "You must use a nick assigned to you" / "Devi usare un nick che ti è assegnato";
    RPL_SASLSUCCESS 903 => "SASL authentication successful" / "Autenticazione SASL riuscita";
    ERR_SASLFAIL 904 => "SASL authentication failed{}" / "Autenticazione SASL non riuscita{}";
    ERR_SASLTOOLONG 905 => "SASL message too long" / "Messaggio SASL troppo lungo";
    ERR_SASLABORTED 906 => "SASL authentication aborted" / "Autenticazione SASL interrotta";
    ERR_SASLALREADY 907 => "You have already authenticated using SASL" / "Ti sei già autenticato con SASL";
    RPL_SASLMECHS 908 "mechanisms" => "are available SASL mechanisms" / "sono i meccanismi SASL disponibili";
}
