//! From where somebody comes: banned networks, and how many come from one address.

use super::*;

#[test]
fn a_banned_network_is_turned_away_before_anything_is_said() {
    let mut rig = Rig::new();
    let networks = |until| {
        let mut bans = chat::server_ban::ServerBans::default();
        let ban = chat::server_ban::ServerBan {
            kind: chat::server_ban::BanKind::Network,
            what: "192.0.2.0/24".into(),
            by: "op".into(),
            at: Timestamp(0),
            until,
            nick: None,
            reason: "Open proxies".into(),
        };
        bans.put(ban, irc::casemap::CaseMapping::Ascii);
        Effect::BannedNetworks(Arc::new(bans.networks()))
    };
    let accept = |rig: &mut Rig, address: &str| {
        let peer = Peer::new(address.parse().unwrap_or_else(|_| panic!("{address}")));
        rig.shard.accept(IRC_DOOR, peer, rig.now).map_err(|refused| (refused.reason, refused.text.into_string()))
    };
    let banned = ("banned", "You are banned from this server: Open proxies".to_owned());
    assert!(accept(&mut rig, "192.0.2.7").is_ok());
    rig.shard.effect(&networks(None), rig.now);
    assert_eq!(accept(&mut rig, "192.0.2.7"), Err(banned.clone()));
    assert_eq!(accept(&mut rig, "::ffff:192.0.2.7"), Err(banned));
    assert!(accept(&mut rig, "192.0.3.7").is_ok() && accept(&mut rig, "127.0.0.1").is_ok());
    // Behind the gateway anybody may be; it is banned itself only where it is not trusted.
    assert!(accept(&mut rig, GATEWAY).is_ok());
    rig.shard.effect(&networks(Some(Timestamp(0))), rig.now);
    assert!(accept(&mut rig, "192.0.2.7").is_ok(), "it is over");
}

#[test]
fn one_address_gets_no_more_than_its_share() {
    let mut rig = Rig::new();
    let (now, peer) = (rig.now, Peer::new([192, 0, 2, 1].into()));
    let Ok(first) = rig.shard.accept(IRC_DOOR, peer.clone(), now) else { panic!("the first is refused") };
    assert!(rig.shard.accept(IRC_DOOR, peer.clone(), now).is_ok());
    assert!(rig.shard.accept(IRC_DOOR, peer.clone(), now).is_err());
    let other = Peer::new([192, 0, 2, 2].into());
    assert!(rig.shard.accept(IRC_DOOR, other, now).is_ok());
    rig.shard.lost(first, now);
    assert!(rig.shard.accept(IRC_DOOR, peer.clone(), now).is_ok(), "one has gone");
    for _ in 0..=CONNECTIONS_PER_ADDRESS {
        rig.connect(IRC_DOOR);
    }
}

#[test]
fn who_comes_through_a_gateway_is_counted_under_their_own_address() {
    let mut rig = Rig::new();
    let now = rig.now;
    let gateway = Peer::new(GATEWAY.parse().unwrap_or_else(|_| panic!("an address")));
    let through = |rig: &mut Rig, client: &str| {
        let session = rig.shard.accept(IRC_DOOR, gateway.clone(), now).unwrap_or_else(|refused| panic!("{refused}"));
        rig.sockets.insert(session, Socket::default());
        rig.receive(session, &format!("WEBIRC x gateway {client} {client}\r\nPING x\r\n"));
        rig.turn();
        session
    };
    let sessions: Vec<_> = (0..=CONNECTIONS_PER_ADDRESS).map(|_| through(&mut rig, "192.0.2.1")).collect();
    for kept in &sessions[..CONNECTIONS_PER_ADDRESS] {
        assert!(rig.socket(*kept).received().contains(" PONG "));
    }
    let last = sessions[CONNECTIONS_PER_ADDRESS];
    assert!(rig.socket(last).received().contains("Too many connections from your address"));
    assert_eq!(rig.socket(last).closed, Some(CloseHow::Fin));
    let direct = Peer::new([192, 0, 2, 1].into());
    assert!(rig.shard.accept(IRC_DOOR, direct.clone(), now).is_err(), "it is the same person");
    let other = through(&mut rig, "192.0.2.2");
    assert!(rig.socket(other).received().contains(" PONG "));
    rig.shard.lost(sessions[0], now);
    assert!(rig.shard.accept(IRC_DOOR, direct, now).is_ok(), "one has gone");
    // A gateway's own connections are not limited: anybody may be behind it.
    for _ in 0..=CONNECTIONS_PER_ADDRESS {
        assert!(rig.shard.accept(IRC_DOOR, gateway.clone(), now).is_ok());
    }
}

#[test]
fn all_addresses_of_an_ipv6_host_are_one() {
    let mut rig = Rig::new();
    let mut accept = |low: u16, network: u16| {
        let peer = Peer::new([0x2001, 0xdb8, 0, network, 0, 0, 0, low].into());
        rig.shard.accept(IRC_DOOR, peer, rig.now).is_ok()
    };
    assert_eq!([accept(1, 0), accept(2, 0), accept(3, 0)], [true, true, false]);
    assert!(accept(1, 1), "another network is somebody else");
}
